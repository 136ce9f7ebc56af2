"""Which frames become candidates."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.video.info import TIME_PRECISION_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.video.timeline import Timeline

__all__ = [
    "check_part",
    "check_times",
    "choose_between",
    "choose_pts",
    "target_ticks",
    "ticks_at",
]

# A keyframe may stand for a target within this share of the spacing, so that candidates stay
# spread; and only where it spares most of the decoding, in videos that are long for their targets.
_SNAP_SHARE = Fraction(1, 4)
_MIN_SNAPPED_SHARE = Fraction(1, 2)

# From this spacing on, no target is so exact that it would be worth decoding seconds of video for
# it: any keyframe that is nearer to it than to other targets may stand for it.
_WIDE_SPACING_S = 2
_WIDE_SNAP_SHARE = Fraction(1, 2)

# A keyframe nearer to the end of a gap than this share of it tells little that the end does not.
_GAP_MARGIN = Fraction(1, 8)


def target_ticks(num_candidates: int, start: Fraction, duration: Fraction) -> list[int]:
    """Return the times i / (n - 1) * duration for i from 0 to n - 1, in whole ticks.

    Parameters
    ----------
    num_candidates : int
        n; with 1 the only target is the start.
    start, duration : Fraction
        In ticks of the stream.
    """
    steps = max(num_candidates - 1, 1)
    # Half a tick more forgives rounded times, as in Matroska's milliseconds.
    return [int(start + duration * i / steps + Fraction(1, 2)) for i in range(num_candidates)]


def ticks_at(time_s: float, start: Fraction, time_base: Fraction) -> int:
    """Return the last whole tick at or before a time, to the microsecond.

    Parameters
    ----------
    time_s : float
        In seconds from the container's start.
    start : Fraction
        The container's start in ticks of the stream.
    time_base : Fraction
        Seconds of a tick.
    """
    forgiven = min(Fraction(TIME_PRECISION_S), time_base / 2)
    return math.floor(start + (Fraction(time_s) + forgiven) / time_base)


def check_times(times_s: Sequence[float], first_s: float, end_s: float, label: str) -> None:
    """Raise unless all times lie inside a video.

    Raises
    ------
    UsageError
        One lies outside, or is no number.
    """
    for time_s in times_s:
        if not first_s - TIME_PRECISION_S <= time_s <= end_s + TIME_PRECISION_S:
            raise UsageError(
                f"{time_s} s is outside {label}, which lasts {end_s - first_s:.6g} s; "
                f"give a time from {first_s:.6g} to {end_s:.6g} s"
            )


def check_part(start_s: float, end_s: float, first_s: float, last_s: float, label: str) -> None:
    """Raise unless a part of a video lies inside it and ends after it starts.

    Raises
    ------
    UsageError
        It does not.
    """
    check_times([start_s, end_s], first_s, last_s, label)
    if not start_s < end_s:
        raise UsageError(
            f"start_s {start_s} is not before end_s {end_s}; give a part of {label} that lasts"
        )


def choose_pts(timeline: Timeline, targets: Sequence[int], last: int | None = None) -> list[int]:
    """Return the timestamps of the frames shown at ``targets``, ascending, without duplicates.

    The last target gives the frame ``last``, by default the video's last one. An inner target may
    move to the last keyframe up to a quarter of the spacing before it (half of it, where targets
    are 2 s apart or more), else to the next one as far after it, which spares decoding from the
    keyframe on. They move where at least half of them can, that is where keyframes are about as
    dense as targets or denser: it is what makes long videos affordable. Targets without such a
    keyframe keep the frame shown then.
    """
    first = timeline.shown_at(targets[0])
    every = _between(timeline.all_pts(), first, last)
    if every is not None and len(every) <= len(targets):
        return list(every)
    if len(targets) == 1:
        return [first]
    inner = targets[1:-1]
    spacing = Fraction(targets[-1] - targets[0], len(targets) - 1)
    is_wide = spacing * timeline.time_base >= _WIDE_SPACING_S
    reach = spacing * (_WIDE_SNAP_SHARE if is_wide else _SNAP_SHARE)
    snapped = [_keyframe_near(timeline, ticks, reach) for ticks in inner]
    if sum(ticks is not None for ticks in snapped) < _MIN_SNAPPED_SHARE * len(inner):
        snapped = [None] * len(inner)
    chosen = {first, timeline.last_pts() if last is None else last}
    for ticks, keyframe in zip(inner, snapped, strict=True):
        if keyframe is None:
            chosen.add(timeline.shown_at(ticks))
        else:
            chosen.add(timeline.pts_of_keyframe(keyframe))
    return sorted(chosen)


def choose_between(timeline: Timeline, begin: int, end: int) -> int | None:
    """Return the timestamp of a frame between two others that costs little to decode.

    It is the keyframe nearest to the middle of the gap, if there is one well inside it; else the
    frame shown at the middle, if a keyframe between ``begin`` and the middle spares decoding from
    before the gap; else there is none.

    Parameters
    ----------
    begin, end : int
        Timestamps of the two frames.
    """
    middle = (begin + end) // 2
    margin = (end - begin) * _GAP_MARGIN
    before, after = timeline.keyframe_before(middle), timeline.keyframe_after(middle)
    inside = [
        ticks
        for ticks in (before, after)
        if ticks is not None and begin + margin <= ticks <= end - margin
    ]
    if inside:
        chosen = timeline.pts_of_keyframe(min(inside, key=lambda ticks: abs(ticks - middle)))
    elif before is not None and before > begin:
        chosen = timeline.shown_at(middle)
    else:
        return None
    return chosen if begin < chosen < end else None


def _between(every: Sequence[int] | None, first: int, last: int | None) -> Sequence[int] | None:
    """Return the timestamps from ``first`` to ``last``, if all are known."""
    if every is None:
        return None
    return every[bisect_left(every, first) : None if last is None else bisect_right(every, last)]


def _keyframe_near(timeline: Timeline, ticks: int, reach: Fraction) -> int | None:
    """Return the keyframe that may stand for a target, if there is one."""
    before = timeline.keyframe_before(ticks)
    if before is not None and ticks - before <= reach:
        return before
    after = timeline.keyframe_after(ticks)
    if after is not None and after - ticks <= reach:
        return after
    return None
