"""The command hint-video: two frames for Cosmos-Transfer1's upsampler, as a file."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from budgetfit.cli.asking import Asked, arguments
from budgetfit.cli.showing import show
from budgetfit.errors import UsageError
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import Terminal, plan_view

__all__ = ["hint_video_command"]

Out = Annotated[Path, typer.Argument(metavar="OUT.mp4", help="The file to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace OUT.mp4 where it exists.")]
HintJson = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the plan.")]


def hint_video_command(
    asked: Asked, out: Out, *, overwrite: Overwrite = False, json_file: HintJson = None
) -> None:
    """Write a file whose first two frames are those to send, for Cosmos-Transfer1's upsampler.

    Both have one size, and the upsampler's request with them fits its 4096 tokens.
    """
    # It loads what decoding needs, and that takes its time.
    from budgetfit.cosmos.hint_video import hint_video

    taken = {path.resolve() for path in asked.inputs}
    for name, path in (("OUT.mp4", out), ("--json", json_file)):
        if path is not None and path.resolve() in taken:
            raise UsageError(f"{name} {path} is given twice; give another file")
        taken |= set() if path is None else {path.resolve()}
    began = time.perf_counter()
    with StageProgress(Terminal(sys.stderr)) as progress:
        made = hint_video(path=out, overwrite=overwrite, on_progress=progress, **arguments(asked))
        if json_file is not None:
            made.plan.save(json_file)
    show(plan_view(made.plan))
    show(
        f"{out}: two frames, {made.num_tokens} prompt tokens in Cosmos-Transfer1's upsampler, "
        f"written in {time.perf_counter() - began:.1f} s"
    )
    if made.plan.interrupted:
        raise KeyboardInterrupt
