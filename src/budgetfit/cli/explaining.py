"""The command explain: from a plan's file to sentences."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from budgetfit.cli.files import Outputs
from budgetfit.cli.showing import show
from budgetfit.plan_files import write_plan_file
from budgetfit.plans import Plan
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import Terminal
from budgetfit.render.words import printable

if TYPE_CHECKING:
    from budgetfit.explain.explanation import Explanation

__all__ = ["explain_command"]

PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN.json", help="What --json of plan or run wrote.")
]
WhyNotAt = Annotated[
    list[float] | None,
    typer.Option("--why-not", metavar="S", help="Ask why S seconds is not shown; may be repeated."),
]
VideoFile = Annotated[
    Path | None,
    typer.Option("--video", metavar="FILE", help="The video, where it is no longer where it was."),
]
ExplanationJson = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Write the explanation; - for stdout, with the words on stderr.",
    ),
]


def explain_command(
    plan: PlanFile,
    why_not: WhyNotAt = None,
    video: VideoFile = None,
    json_file: ExplanationJson = None,
) -> None:
    """Say why the plan in PLAN.json is as it is.

    What each picture is for, what there would be without it, and what tokens, images, constraints
    and text are worth. The video is read again.
    """
    outputs = Outputs(json_file)
    outputs.check([plan] if video is None else [plan, video])
    loaded = Plan.load(plan)
    with StageProgress(Terminal(sys.stderr)) as progress:
        progress("explaining", 0, 1)
        # It loads what planning needs, and that takes its time.
        from budgetfit.explain.explanation import explain

        explanation = explain(loaded, why_not_s=why_not or (), video=video)
        progress("explaining", 1, 1)
    if json_file is not None and not outputs.json_on_stdout:
        write_plan_file(explanation.to_dict(), json_file)
    if outputs.json_on_stdout:
        show(json.dumps(explanation.to_dict(), indent=2))
    show(_view(explanation), on_stderr=outputs.json_on_stdout)


def _view(explanation: "Explanation") -> Group:
    return Group(*_parts(explanation))


def _parts(explanation: "Explanation") -> Iterator[RenderableType]:
    # Names of files, constraints and blocks come from outside.
    yield Text(printable(explanation.summary))
    for heading, paragraphs in explanation.sections:
        yield Text(f"\n{printable(heading)}", "bold")
        table = Table.grid(padding=(0, 1))
        for first, *others in paragraphs:
            details = [Text(printable(sentence), "dim") for sentence in others]
            table.add_row("-", Group(Text(printable(first)), *details))
        yield table
