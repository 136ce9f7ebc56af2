"""Jinja's templates of this folder, in which everything inserted is text and never markup."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from budgetfit.errors import MissingExtraError
from budgetfit.render.words import printable

if TYPE_CHECKING:
    import jinja2

__all__ = ["rendered", "require_jinja", "sha256_source", "source_of"]


def require_jinja() -> None:
    """Check that the extra ``report`` is installed.

    Raises
    ------
    MissingExtraError
        It is not.
    """
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("jinja2", "report") from error


def rendered(template: str, **values: object) -> str:
    """Return the template of this name with these values.

    Raises
    ------
    MissingExtraError
        Jinja is not installed.
    """
    require_jinja()
    return _environment().get_template(template).render(values)


def source_of(name: str) -> str:
    """Return a file of the folder ``templates`` as it is, such as the page's script."""
    return files("budgetfit.report").joinpath("templates", name).read_text(encoding="utf-8")


def sha256_source(script: str) -> str:
    """Return what a Content-Security-Policy calls an inline script of just this text.

    As "Content Security Policy Level 3" of the W3C, section 2.3.1 (hash-source), defines it.
    """
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source_of),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(percent=_percent, number=_number)
    return environment


def _shown(value: object) -> object:
    # What reorders or hides text, and what no UTF-8 file can hold, is shown as an escape.
    # Markup, a subclass of str, is this folder's own.
    return printable(value, keep="\n\t") if type(value) is str else value


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _number(value: int) -> str:
    return f"{value:,}"
