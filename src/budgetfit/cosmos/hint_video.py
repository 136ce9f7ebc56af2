"""A file whose first two frames are the two pictures to send.

Cosmos-Transfer1's prompt upsampler takes the first two frames of a file as they are. They have one
size, as frames of a file do, and both are always sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from budgetfit.constraints import AtLeast, MaxTokensPerImage, SameSize
from budgetfit.errors import UsageError
from budgetfit.planner import plan as plan_video
from budgetfit.video.held_open import held_open
from budgetfit.video.writing import write_lossless_mp4
from budgetfit.video_analysis import VideoAnalysis, analyze

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from budgetfit.jobs import Ask
    from budgetfit.plans import Plan
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.video.sources import Video

__all__ = ["NUM_FRAMES", "PROFILE", "HintVideo", "hint_video"]

PROFILE = "cosmos-transfer1"

# What the upsampler reads of a file.
NUM_FRAMES = 2

# The upsampler sends two pictures and one text, nothing else.
_NOT_SENT = ("system_prompt", "time_labels", "montage")


@dataclass(frozen=True, slots=True)
class HintVideo:
    """A hint video, and what the upsampler makes of it.

    Attributes
    ----------
    path : Path
        The file.
    plan : Plan
        What it shows. Give the upsampler ``plan.prompt.text``: a text that is too long was cut.
    num_tokens : int
        Prompt tokens of the upsampler's request: those of ``plan``, and where that has one picture,
        which is then in the file twice, those of the second one.
    """

    path: Path
    plan: Plan
    num_tokens: int


def hint_video(
    video: Video | VideoAnalysis,
    path: str | os.PathLike[str],
    prompt: str | Sequence[PromptBlock] | None = None,
    *,
    overwrite: bool = False,
    time_limit_s: float = 2.0,
    num_candidates: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
    **ask: Unpack[Ask],
) -> HintVideo:
    """Write the two frames that show most of a video, as a file for Cosmos-Transfer1's upsampler.

    The file has two frames of one size and no loss: a reader by FFmpeg, such as OpenCV, gets the
    pictures of the plan, pixel for pixel.

    Parameters
    ----------
    video, prompt, time_limit_s, num_candidates, start_s, end_s, on_progress, **ask
        As for :func:`budgetfit.plan`, with ``profile="cosmos-transfer1"`` unless given.
    path : path
        The file to write, an MP4.
    overwrite : bool
        Whether a file that is there is replaced.

    Returns
    -------
    HintVideo
        What was written. Only where the video has a single frame, the file shows it twice.

    Raises
    ------
    UsageError
        An argument cannot be used, asks for what the upsampler does not send, or the file exists or
        cannot be written.
    VideoError, InfeasibleError, TokenMismatchError
        As by :func:`budgetfit.plan`.
    """
    asked: dict[str, Any] = {"profile": PROFILE, **ask}
    _check(Path(path), overwrite=overwrite, asked=asked)
    where = {"num_candidates": num_candidates, "start_s": start_s, "end_s": end_s}
    search = {"time_limit_s": time_limit_s, "on_progress": on_progress}
    with held_open():
        plan = _plan(_seen(video, where), prompt, asked | search)
        images = plan.images()
    write_lossless_mp4(path, images * (NUM_FRAMES // len(images)))
    return HintVideo(Path(path), plan, _num_tokens_read(plan))


def _check(path: Path, *, overwrite: bool, asked: dict[str, Any]) -> None:
    for name in _NOT_SENT:
        if asked.get(name):
            raise UsageError(
                f"{name} is {asked[name]!r}, which Cosmos-Transfer1's upsampler does not send; "
                "leave it out"
            )
    if asked.get("max_images") not in {None, NUM_FRAMES}:
        raise UsageError(
            f"max_images is {asked['max_images']!r}, but the upsampler always sends "
            f"{NUM_FRAMES} pictures; leave it out"
        )
    if path.suffix.lower() != ".mp4":
        raise UsageError(f"{path} does not end in .mp4; give the name of an MP4 file")
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else f"is in {path.parent}, which is no folder"
        raise UsageError(f"{path} {reason}; give a file in a folder that exists")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; give another name, or overwrite=True (--overwrite)")


def _seen(video: Video | VideoAnalysis, where: dict[str, Any]) -> VideoAnalysis:
    if not isinstance(video, VideoAnalysis):
        return analyze(video, **where)
    given = sorted(name for name, value in where.items() if value is not None)
    if given:
        raise UsageError(
            f"{given[0]} is given with an analysis, which has looked already; give it to analyze()"
        )
    return video


def _plan(
    seen: VideoAnalysis, prompt: str | Sequence[PromptBlock] | None, asked: dict[str, Any]
) -> Plan:
    demands = [*asked.pop("constraints", ()), SameSize()]
    times_s = seen.times_s
    if len(times_s) >= NUM_FRAMES:
        # Both have half of the room in any case, so that a second moment costs nothing.
        two = AtLeast(NUM_FRAMES, times_s[0], times_s[-1])
        asked["max_images"] = NUM_FRAMES
        return plan_video(seen, prompt, constraints=[*demands, two], **asked)
    asked["max_images"] = 1
    alone = plan_video(seen, prompt, constraints=demands, **asked)
    if _num_tokens_read(alone) <= alone.limits.max_prompt_tokens:
        return alone
    # The same text again, and a picture that fits twice beside it.
    picture = alone.pictures[0].num_tokens
    half = (alone.limits.max_prompt_tokens - (alone.num_tokens - picture)) // NUM_FRAMES
    demands.append(MaxTokensPerImage(max(half, 1)))
    return plan_video(seen, alone.prompt.text, constraints=demands, **asked)


def _num_tokens_read(plan: Plan) -> int:
    """Prompt tokens where the last picture is sent until there are as many as are always sent."""
    missing = NUM_FRAMES - len(plan.pictures)
    return plan.num_tokens + missing * plan.pictures[-1].num_tokens
