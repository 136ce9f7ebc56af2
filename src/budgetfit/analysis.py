"""From a video to what planning needs to know about it: one pass, bounded memory."""

from __future__ import annotations

import itertools
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.information.aspects import aspects
from budgetfit.information.levels import picture_levels
from budgetfit.information.looks import Look, look_at
from budgetfit.information.similarity import thumbnail_shape
from budgetfit.tokens.sheets import SheetGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from budgetfit.problem.aspects import Aspect
    from budgetfit.profiles import ModelProfile
    from budgetfit.tokens.images import ImageGrid
    from budgetfit.video.info import CandidateFrame
    from budgetfit.video.sources import VideoSource

__all__ = ["Analysis", "analyze", "default_num_candidates"]

_FloatArray = npt.NDArray[np.float64]

# Decoded frames that may wait to be looked at: what bounds the memory.
_MAX_PENDING = 4

# Powers of two plus one: with the first and the last frame, they contain the middles of 1, 2, 4 ...
# equal parts, so that every uniform plan is among the choices. The longer the video the more.
_NUM_CANDIDATES = ((60.0, 33), (600.0, 65), (float("inf"), 129))


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The candidates of a video and how much each shows of each moment.

    Candidates and moments are the same frames.

    Attributes
    ----------
    time_s : (num_candidates,) float array
        When each is shown.
    pts : tuple of int
        Presentation timestamp of each, in the stream's time base.
    levels : tuple of ImageGrid
        Resolutions at which each may be sent, cheapest first.
    aspects : tuple of Aspect
        What there is to see: scenes first, then text where there is any. Weights sum to 1 over all
        of them, or to 0 where every frame is blank. ``tile_fidelity`` is that of a tile of a sheet
        whose cell has the patches of each level.
    """

    time_s: _FloatArray
    pts: tuple[int, ...]
    levels: tuple[ImageGrid, ...]
    aspects: tuple[Aspect, ...]

    @property
    def aspects_of_pictures(self) -> tuple[Aspect, ...]:
        """The aspects where nothing is a tile of a sheet."""
        return tuple(aspect.with_tiles(()) for aspect in self.aspects)

    @property
    def level_num_tokens(self) -> npt.NDArray[np.int64]:
        """(num_levels,) tokens of a picture at each level."""
        return np.array([level.num_tokens for level in self.levels], dtype=np.int64)


def default_num_candidates(duration_s: float) -> int:
    """Return how many frames of a video of ``duration_s`` seconds are looked at."""
    return next(number for longest_s, number in _NUM_CANDIDATES if duration_s <= longest_s)


def analyze(
    source: VideoSource,
    profile: ModelProfile,
    *,
    num_candidates: int | None = None,
    also_at_s: Sequence[float] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Analysis:
    """Look at frames spread over the whole of ``source``.

    Parameters
    ----------
    source : VideoSource
        An open video.
    profile : ModelProfile
        Patch size and largest picture of the model.
    num_candidates : int, optional
        Frames to look at; by default 33 up to a minute, 65 up to ten, 129 beyond.
    also_at_s : sequence of float
        Times in seconds; the frames shown then are looked at as well.
    on_progress : callable, optional
        Called with (frames done, frames to do).

    Raises
    ------
    UsageError
        A time lies outside the video.
    VideoError
        Nothing can be decoded, or a frame at ``also_at_s`` cannot.
    """
    wanted = num_candidates or default_num_candidates(source.info.duration_s)
    levels = picture_levels(source.info.width, source.info.height, profile)
    time_s, pts, looks = _looked_at(
        source.sample(wanted, also_at_s=also_at_s, on_progress=on_progress)
    )
    rows, columns = looks[0].shape
    side = profile.side_multiple
    sizes = [(level.columns * side, level.rows * side) for level in levels]
    tile_sizes = [SheetGrid(2, 1, level).tile_size(side) for level in levels]
    return Analysis(
        time_s=np.array(time_s),
        pts=tuple(pts),
        levels=levels,
        aspects=aspects(
            looks,
            _spans(time_s, source.info.duration_s),
            scales=[(width / columns, height / rows) for width, height in sizes],
            tile_scales=[(width / columns, height / rows) for width, height in tile_sizes],
        ),
    )


def _looked_at(frames: Iterable[CandidateFrame]) -> tuple[list[float], list[int], list[Look]]:
    """Look at frames on a second thread while the next ones are decoded.

    Returns
    -------
    time_s, pts, looks
        One of each per frame.
    """
    time_s: list[float] = []
    pts: list[int] = []
    looks: list[Look] = []
    pending: deque[Future[Look]] = deque()
    with ThreadPoolExecutor(max_workers=1) as executor:
        for frame in frames:
            if not pts:
                shape = thumbnail_shape(*frame.luma.shape)
            time_s.append(frame.time_s)
            pts.append(frame.pts)
            pending.append(executor.submit(look_at, frame.luma, shape))
            if len(pending) > _MAX_PENDING:
                looks.append(pending.popleft().result())
        looks.extend(future.result() for future in pending)
    return time_s, pts, looks


def _spans(time_s: list[float], duration_s: float) -> list[float]:
    """Return the seconds nearest to each time, from the first time to the video's end."""
    if len(time_s) == 1:
        return [1.0]
    inner = [(a + b) / 2 for a, b in itertools.pairwise(time_s)]
    edges = np.array([time_s[0], *inner, max(duration_s, time_s[-1])])
    spans: list[float] = np.diff(edges).tolist()
    return spans
