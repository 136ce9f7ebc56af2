"""Which part may import which: data flows one way, and heavy packages have one door each."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "budgetfit"

# Upstream first. A part may import itself and the parts of earlier rows, nothing else.
ROWS = (
    {"errors", "stopwatch", "time_labels"},
    {"processes"},
    {"search_limits"},
    {"profiles"},
    {"tokens", "video", "problem"},
    {"information", "candidates", "model_folders"},
    {"looking"},
    {"analysis", "constraints", "search", "prompts"},
    {"video_analysis"},
    {"own_measure", "weighing", "relevance"},
    {"cpsat"},
    {"cells"},
    {"solver"},
    {"customized"},
    {"plan_parts", "asked"},
    {"render", "plan_checks"},
    {"plan_files"},
    {"plan_questions", "plan_runs"},
    {"plans"},
    {"engines"},
    {"conflicts", "jobs"},
    {"posing", "video_jobs"},
    {"made_from"},
    {"finishing"},
    {"posed_plan"},
    {"planning"},
    {"explain", "planner"},
    {"cosmos", "plots", "preparing"},
    {"report"},
    {"batch", "fleet", "ray_data"},
    {"serving"},
    {"vllm_plugin"},
    {"cli"},
    {"__main__"},
)
# A plan's methods lead on to what is made from plans. They are imported when a method is called:
# nothing upstream depends on them.
LEADS_ON = {"plan_questions": {"explain", "report"}}
ROW_OF = {part: row for row, parts in enumerate(ROWS) for part in parts}

# The only places that may import each of these packages: parts or single modules.
DOORS: dict[str, str | tuple[str, ...]] = {
    "av": "video",
    "httpx": "serving",
    "jinja2": "report",
    "matplotlib": "plots",
    "mistral_common": "tokens",
    "openai": "engines.openai",
    "ortools": "cpsat",
    "pydantic": ("plan_files", "cli.job_lines"),
    "regex": "tokens",
    "starlette": "serving",
    "torch": "relevance",
    "transformers": "relevance",
    "uvicorn": "serving",
    "vllm": ("engines.vllm", "vllm_plugin"),
}
EVERYWHERE = {"PIL", "numpy"}
ONLY_NUMPY = {"problem", "search"}
TERMINAL = {"rich", "typer"}


def module_name(path: Path) -> str:
    """Dotted name below budgetfit; an ``__init__`` is named as its package."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs: what is imported for annotations alone makes no dependency."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and is_type_checking(child.test):
            for statement in child.orelse:
                yield statement
                yield from runtime_nodes(statement)
        else:
            yield child
            yield from runtime_nodes(child)


def imports(source: str, package: str) -> Iterator[str]:
    """Absolute dotted names that ``source``, a module inside ``package``, imports when it runs."""
    for node in runtime_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(
                [*(above if node.level else []), *([node.module] if node.module else [])]
            )
            if base == "budgetfit":
                yield from (f"budgetfit.{alias.name}" for alias in node.names)
            else:
                yield base


def complaint(module: str, imported: str) -> str | None:
    """Why ``module`` (named below budgetfit) may not import ``imported``; None where it may."""
    part = module.partition(".")[0]
    top, _, rest = imported.partition(".")
    if top == "budgetfit":
        target = rest.split(".")[0]
        if (
            target in {part, "__version__", *LEADS_ON.get(part, ())}
            or ROW_OF.get(target, len(ROWS)) < ROW_OF[part]
        ):
            return None
        return f"{target} is not upstream of {part}"
    if top in sys.stdlib_module_names:
        return None
    if top in DOORS:
        door = DOORS[top]
        doors = (door,) if isinstance(door, str) else door
        is_open = any(f"{module}.".startswith(f"{door}.") for door in doors)
        return None if is_open else f"only {' and '.join(doors)} imports {top}"
    if part in ONLY_NUMPY:
        return None if top == "numpy" else f"{part} uses NumPy and the standard library alone"
    if top in TERMINAL:
        return None if part in {"cli", "render", "explain"} else f"{top} is for the terminal"
    return None if top in EVERYWHERE else f"{top} is no dependency"


# The public names are loaded lazily, from every part.
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=[module_name(path) for path in MODULES])
def test_imports_only_what_is_upstream(path: Path) -> None:
    module = module_name(path)
    assert module.split(".")[0] in ROW_OF, "a new part of the package needs a row above"
    is_package = path.name == "__init__.py"
    package = f"budgetfit.{module}" if is_package else f"budgetfit.{module}".rpartition(".")[0]
    source = path.read_text(encoding="utf-8")
    found = [complaint(module, name) for name in imports(source, package)]
    assert [text for text in found if text] == []


@pytest.mark.parametrize(
    ("module", "source", "allowed"),
    [
        ("cpsat.model", "from ortools.sat.python import cp_model", True),
        ("solver", "from ortools.sat.python import cp_model", False),
        ("cpsat.model", "from budgetfit.problem import Problem", True),
        ("problem.problem", "from budgetfit.cpsat import model", False),
        ("problem.problem", "def f():\n    import budgetfit.video", False),
        ("problem.problem", "import scipy.sparse", False),
        ("engines.base", "import vllm", False),
        ("engines.vllm", "import vllm", True),
        ("errors", "from budgetfit import plans", False),
        ("errors", "if TYPE_CHECKING:\n    from budgetfit.plans import Plan", True),
        ("errors", "if TYPE_CHECKING:\n    pass\nelse:\n    import budgetfit.plans", False),
        ("video.probe", "from ..tokens import count", False),
        ("video.probe", "from . import decode", True),
        ("tokens.text", "import torch", False),
        ("plan_questions", "def f():\n    from budgetfit.explain import frontier", True),
        ("plan_questions", "def f():\n    from budgetfit.planner import plan", False),
    ],
)
def test_the_rules_tell_right_from_wrong(module: str, source: str, allowed: bool) -> None:
    package = f"budgetfit.{module}".rpartition(".")[0]
    found = [complaint(module, name) for name in imports(source, package)]
    assert (not any(found)) is allowed


def test_what_leads_on_is_imported_when_it_is_called() -> None:
    for part, targets in LEADS_ON.items():
        module = ast.parse((SOURCE / f"{part}.py").read_text(encoding="utf-8"))
        outside = [node for node in module.body if not isinstance(node, ast.ClassDef)]
        found = imports(ast.unparse(ast.Module(outside, [])), "budgetfit")
        assert not {name.split(".")[1] for name in found if name.startswith("budgetfit.")} & targets


def test_no_module_shadows_the_function_plan() -> None:
    assert [path for path in MODULES if module_name(path) == "plan"] == []


def test_import_is_light() -> None:
    code = (
        "import sys, budgetfit; "
        "heavy = {'torch', 'vllm', 'ortools', 'av', 'mistral_common', 'openai', 'matplotlib', "
        "'jinja2'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
