"""How the site is built: ``make docs`` writes it to out/site, without the network."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from budgetfit import __version__

project = "budgetfit"
author = "the budgetfit contributors"
version = release = __version__
html_title = f"budgetfit {__version__}"
html_show_copyright = False

extensions = [
    "mathml",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_ext", "**.ipynb_checkpoints"]

# --- pages --------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
html_math_renderer = "mathml"

# --- notebooks ----------------------------------------------------------------------------------

# BUDGETFIT_DOCS_EXECUTE=off builds the pages alone, in seconds.
nb_execution_mode = os.environ.get("BUDGETFIT_DOCS_EXECUTE", "force")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

# --- reference ----------------------------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # The docstrings say the types, with shapes and units.
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

nitpicky = True
nitpick_ignore_regex = [
    # Types in numpydoc are prose: "int", "path", "(num_moments,) array". A class begins with a
    # capital, and ours must be found.
    ("py:class", r"(?!budgetfit\.)[^A-Z].*"),
    # Other packages' classes: their sites are not asked.
    ("py:class", r"PIL\..*|CpModel|IntVar|ImageGrid|ABC|Protocol|NamedTuple"),
    ("py:class", r"(starlette\.applications\.)?Starlette|(pathlib\.)?Path"),
    # What questions about a plan are answered from.
    ("py:class", "MadeFrom|Problem|Solution|Variables|Video"),
    ("py:exc", r"OSError|KeyboardInterrupt"),
]

# --- looks --------------------------------------------------------------------------------------

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "tango"
pygments_dark_style = "monokai"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b6e4f",
        "color-brand-content": "#0b6e4f",
    },
    "dark_css_variables": {
        "color-brand-primary": "#5fd3a6",
        "color-brand-content": "#5fd3a6",
    },
}
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True


def _properties_are_described(app, what, name, obj, options, lines) -> None:  # noqa: ANN001, PLR0917
    """Keep napoleon from reading "what it is: more of it" as a type and its description."""
    if what in {"property", "attribute"}:
        lines.insert(0, "\\ ")


def setup(app) -> None:  # noqa: ANN001
    """Change docstrings before napoleon, whose priority is 500, reads them."""
    app.connect("autodoc-process-docstring", _properties_are_described, priority=400)
