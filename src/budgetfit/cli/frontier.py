"""The command frontier: what more or fewer tokens would buy."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from budgetfit.cli.asking import Asked, planned
from budgetfit.cli.files import Outputs
from budgetfit.cli.showing import show
from budgetfit.errors import UsageError
from budgetfit.plan_files import write_plan_file
from budgetfit.render.frontier import frontier_view
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import Terminal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from budgetfit.explain.frontier import Frontier

__all__ = ["frontier_command"]

_UNLIMITED = "any"

Points = Annotated[int, typer.Option("--points", metavar="N", help="Budgets to plan for.")]
ImagesLimit = Annotated[
    list[str] | None,
    typer.Option(
        "--images-limit",
        metavar="N|any",
        help="A curve for at most N pictures; may be repeated; by default for --max-images.",
    ),
]
UpTo = Annotated[
    int | None,
    typer.Option(
        "--up-to",
        metavar="N",
        help="Largest budget in prompt tokens; by default where next to nothing more is gained.",
    ),
]
FrontierJson = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write the numbers; - for stdout, with the words on stderr."
    ),
]
Plot = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the curves; needs [report].")
]


def frontier_command(
    asked: Asked,
    *,
    points: Points = 20,
    images_limit: ImagesLimit = None,
    up_to: UpTo = None,
    json_file: FrontierJson = None,
    plot: Plot = None,
) -> None:
    """Show how much of VIDEO each number of prompt tokens can show, with a proved plan for each."""
    outputs = Outputs(json_file)
    outputs.check(asked.inputs)
    limits = [_images(text) for text in images_limit or ()]
    if plot is not None:
        _check_plot(plot, [*asked.inputs, *([] if json_file is None else [json_file])])
    with StageProgress(Terminal(sys.stderr)) as progress:
        plan = planned(asked, progress)
        if plan.interrupted:
            raise KeyboardInterrupt
        progress("planning for other budgets", 0, 1)
        # It loads what solving needs, and that takes its time.
        from budgetfit.explain.frontier import frontier

        found = frontier(
            plan,
            num_points=points,
            room_tokens=up_to,
            max_images=limits,
            time_limit_s=asked.time_limit_s,
        )
        if plot is not None:
            _draw(found, plot)
    if json_file is not None and not outputs.json_on_stdout:
        write_plan_file(found.to_dict(), json_file)
    if outputs.json_on_stdout:
        show(json.dumps(found.to_dict(), indent=2))
    show(frontier_view(found), on_stderr=outputs.json_on_stdout)


def _images(text: str) -> int | None:
    if text == _UNLIMITED:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise UsageError(
            f"--images-limit is {text!r}; give a whole number of at least 1, or {_UNLIMITED!r}"
        )
    return int(text)


def _check_plot(path: Path, others: list[Path]) -> None:
    """Refuse, before any work, what could not be drawn."""
    from budgetfit.plots.style import require_matplotlib

    require_matplotlib()
    if path.suffix.lower() != ".png" or path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--plot is {path}; give the name of a PNG file in a folder that exists")
    if path.resolve() in [other.resolve() for other in others]:
        raise UsageError(f"--plot {path} is another file of this command; give another name")


def _draw(found: "Frontier", path: Path) -> None:
    from budgetfit.plots import frontier as draw

    # Where no Axes are given, they are all of a new figure.
    figure = cast("Figure", draw(found, style="light").figure)
    try:
        figure.savefig(path, dpi=150, facecolor="white")
    except OSError as error:
        raise UsageError(f"cannot write --plot {path}: {error.strerror}; check the path") from error
