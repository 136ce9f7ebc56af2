"""What each constraint means, told from the frames of a plan alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from budgetfit.constraints import (
    AtLeast,
    AtMost,
    Constraint,
    Exclude,
    Keep,
    MaxSize,
    MaxTokensPerImage,
    MinSize,
    MinSpacing,
    SameSize,
    Show,
)

MICROSECOND = 1e-6


def between(frames: Sequence[Any], start_s: float, end_s: float) -> list[Any]:
    return [f for f in frames if start_s - MICROSECOND <= f.time_s <= end_s + MICROSECOND]


def shown_at(times_s: Sequence[float], time_s: float) -> float:
    """When the frame begins that is shown at a time, of a video with frames at ``times_s``."""
    shown = times_s[0]
    for begins_s in times_s:
        if begins_s <= time_s + MICROSECOND:
            shown = begins_s
    return shown


def holds(constraint: Constraint, frames: Sequence[Any], times_s: Sequence[float]) -> bool:
    """Whether frames keep a constraint; ``times_s`` are those of all frames of the video."""
    match constraint:
        case Show(time_s):
            return shown_at(times_s, time_s) in {frame.time_s for frame in frames}
        case Exclude(start_s, end_s):
            return not between(frames, start_s, end_s)
        case AtLeast(number, start_s, end_s):
            return len(between(frames, start_s, end_s)) >= number
        case AtMost(number, start_s, end_s):
            return len(between(frames, start_s, end_s)) <= number
        case MinSpacing(seconds):
            pairs = itertools.combinations(frames, 2)
            return all(abs(a.time_s - b.time_s) >= seconds - MICROSECOND for a, b in pairs)
        case MinSize(width, height, start_s, end_s):
            inside = between(frames, start_s, end_s)
            return all(frame.width >= width and frame.height >= height for frame in inside)
        case MaxSize(width, height, start_s, end_s):
            inside = between(frames, start_s, end_s)
            return all(frame.width <= width and frame.height <= height for frame in inside)
        case SameSize():
            return len({(frame.width, frame.height) for frame in frames}) == 1
        case MaxTokensPerImage(number):
            return all(frame.num_tokens <= number for frame in frames)
        case Keep(kept):
            sent = {(frame.time_s, frame.width, frame.height) for frame in frames}
            return all((shown_at(times_s, k.time_s), k.width, k.height) in sent for k in kept)
    raise TypeError(constraint)
