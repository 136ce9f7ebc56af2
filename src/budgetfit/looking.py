"""Looking at a video: evenly, then where it changes; what shows the same becomes one candidate."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.candidates import MIN_GAP_S, gaps_to_look_into, stand_ins
from budgetfit.information.likeness import likeness
from budgetfit.information.looks import Look, look_at
from budgetfit.information.similarity import thumbnail_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budgetfit.video.info import CandidateFrame
    from budgetfit.video.sources import VideoSource

__all__ = ["NUM_EVEN_TIMES", "Looked", "Looks", "Sight", "look_around"]

# Decoded frames that may wait to be looked at: what bounds the memory.
_MAX_PENDING = 4

# The second time, gaps that the first second looks left are looked into.
_NUM_PASSES = 2

# Contains the middles of 1, 2, 4 ... 32 equal parts.
NUM_EVEN_TIMES = 65

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_Alike = Callable[["Sight", "Sight"], float]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A frame that was looked at.

    Attributes
    ----------
    time_s : float
        When it is shown.
    pts : int
        Its presentation timestamp.
    look : Look
        What was seen.
    """

    time_s: float
    pts: int
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What is left of a video once it was looked at.

    Attributes
    ----------
    candidates : tuple of Sight
        The frames to choose from, in time order.
    span_s : tuple of float
        Seconds that each candidate stands for.
    evenly : (NUM_EVEN_TIMES,) int array
        The candidate that stands for each of times spread evenly over the video.
    candidate_of : (num_sights,) int array
        The candidate that stands for each frame that was looked at.
    """

    candidates: tuple[Sight, ...]
    span_s: tuple[float, ...]
    evenly: IntArray
    candidate_of: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Frames of a video, or of a part of it, that were looked at.

    Attributes
    ----------
    sights : tuple of Sight
        What was seen, in time order.
    end_s : float
        When the part ends.
    alike : callable
        The share of either of two sights that the other shows too, in [0, 1]; remembered.
    """

    sights: tuple[Sight, ...]
    end_s: float
    alike: _Alike

    def candidates(self, *, keep_all: bool) -> Looked:
        """Return the frames to choose from.

        Parameters
        ----------
        keep_all : bool
            Whether all frames become candidates, those too that show the same as others.
        """
        if keep_all:
            return _collapsed(self.sights, range(len(self.sights)), self.end_s)
        return _collapsed(self.sights, _stand_ins(self.sights, self.alike), self.end_s)

    def also_at(self, source: VideoSource, times_s: Sequence[float]) -> Looks:
        """Look at the frames shown at ``times_s`` as well, but for those that were looked at.

        Raises
        ------
        UsageError
            A time lies outside the video.
        VideoDecodeError
            The frame shown then cannot be decoded.
        """
        known = {sight.pts for sight in self.sights}
        more = [sight for sight in _seen(source.at(times_s)) if sight.pts not in known]
        return replace(self, sights=_in_time_order([*self.sights, *more]))


def look_around(
    source: VideoSource,
    num_first: int,
    num_more: int,
    *,
    start_s: float = 0.0,
    end_s: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Looks:
    """Look at frames spread evenly, then inside gaps between frames that differ.

    Parameters
    ----------
    source : VideoSource
        An open video.
    num_first, num_more : int
        Frames to look at first, and at most later.
    start_s, end_s : float
        The part of the video to look at, in seconds; all of it by default.
    on_progress : callable, optional
        Called with (frames done, frames to do) of the first looks.

    Raises
    ------
    UsageError
        The part lies outside the video, or ends before it starts.
    """
    first = source.sample(num_first, start_s=start_s, end_s=end_s, on_progress=on_progress)
    sights = _in_time_order(_seen(first))
    alike: _Alike = lru_cache(maxsize=None)(_alike)
    left = num_more
    passed_over: set[tuple[float, float]] = set()
    for passes_left in range(_NUM_PASSES, 0, -1):
        gaps = _gaps(sights, alike, passed_over, -(-left // passes_left))
        if not gaps:
            break
        found = _seen(source.between(gaps))
        left -= len(found)
        sights = _in_time_order([*sights, *found])
        passed_over.update(gaps)
    return Looks(sights, source.info.duration_s if end_s is None else end_s, alike)


def _in_time_order(sights: Sequence[Sight]) -> tuple[Sight, ...]:
    return tuple(sorted(sights, key=lambda sight: sight.time_s))


def _seen(frames: Iterable[CandidateFrame]) -> list[Sight]:
    """Look at frames on a second thread while the next ones are decoded."""
    sights: list[Sight] = []
    pending: deque[Future[Sight]] = deque()
    with ThreadPoolExecutor(max_workers=1) as executor:
        for frame in frames:
            pending.append(executor.submit(_sight, frame))
            if len(pending) > _MAX_PENDING:
                sights.append(pending.popleft().result())
        sights.extend(future.result() for future in pending)
    return sights


def _sight(frame: CandidateFrame) -> Sight:
    look = look_at(frame.luma, thumbnail_shape(*frame.luma.shape))
    return Sight(frame.time_s, frame.pts, look)


def _alike(first: Sight, second: Sight) -> float:
    return likeness(first.look, second.look)


def _gaps(
    sights: Sequence[Sight], alike: _Alike, passed_over: set[tuple[float, float]], most: int
) -> list[tuple[float, float]]:
    """Return gaps to look into, but for those in which there was nothing to be had."""
    shares = []
    for before, after in pairwise(sights):
        is_open = after.time_s - before.time_s > MIN_GAP_S
        is_new = (before.time_s, after.time_s) not in passed_over
        shares.append(alike(before, after) if is_open and is_new else 1.0)
    return gaps_to_look_into([sight.time_s for sight in sights], shares, most)


def _stand_ins(sights: Sequence[Sight], alike: _Alike) -> list[int]:
    """Return which look stands for each."""
    return stand_ins(
        np.stack([sight.look.thumbnail.ravel() for sight in sights]),
        np.array([sight.look.spectrum.detail for sight in sights]),
        lambda first, second: alike(sights[first], sights[second]),
    )


def _collapsed(sights: Sequence[Sight], stands: Sequence[int], end_s: float) -> Looked:
    """Give the time of each look to the one that stands for it."""
    stay = sorted(set(stands))
    candidate_of = np.array([bisect_left(stay, look) for look in stands], dtype=np.int64)
    time_s = np.array([sight.time_s for sight in sights])
    span_s = np.bincount(candidate_of, weights=_spans(time_s, end_s))
    even = np.linspace(time_s[0], max(end_s, time_s[-1]), NUM_EVEN_TIMES)
    nearest = np.abs(time_s - even[:, None]).argmin(axis=1)
    return Looked(
        candidates=tuple(sights[look] for look in stay),
        span_s=tuple(span_s.tolist()),
        evenly=candidate_of[nearest],
        candidate_of=candidate_of,
    )


def _spans(time_s: FloatArray, end_s: float) -> FloatArray:
    """Return the seconds nearest to each time, from the first one to the end."""
    if len(time_s) == 1:
        return np.ones(1)
    inner = (time_s[:-1] + time_s[1:]) / 2
    spans: FloatArray = np.diff([time_s[0], *inner, max(end_s, time_s[-1])])
    return spans
