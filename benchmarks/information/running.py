"""Judging many clips side by side, one process a core."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.information.judging import JudgedClip
from benchmarks.information.leaderboard import Judged, judge
from benchmarks.information.moments import MIN_FRAMES

from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["LeftOut", "judge_clips", "judge_file"]


class LeftOut(NamedTuple):
    """A clip that cannot be judged.

    Attributes
    ----------
    clip : str
        File name.
    reason : str
        Why.
    """

    clip: str
    reason: str


def judge_file(path: Path, *, quick: bool) -> Judged | LeftOut:
    """Judge a clip that has at least ``MIN_FRAMES`` frames, and not only blank moments."""
    try:
        with JudgedClip(path) as clip:
            num_frames = clip.footage.num_frames()
            if num_frames < MIN_FRAMES:
                return LeftOut(path.name, f"{num_frames} frames")
            return judge(clip, quick=quick) or LeftOut(path.name, "every moment is blank")
    except VideoError as error:
        return LeftOut(path.name, f"cannot be read: {type(error).__name__}")


def judge_clips(clips: Mapping[str, Path], *, quick: bool) -> Iterator[Judged | LeftOut]:
    """Yield what becomes of each clip, as they are done."""
    # Forked processes would share the state of libraries that have started threads.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=spawn) as pool:
        running = [pool.submit(judge_file, path, quick=quick) for path in clips.values()]
        for done in as_completed(running):
            yield done.result()
