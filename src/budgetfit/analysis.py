"""From a video to what planning needs to know about it, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.information.aspects import aspects
from budgetfit.information.levels import picture_levels
from budgetfit.looking import look_around
from budgetfit.tokens.sheets import SheetGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budgetfit.problem.aspects import Aspect
    from budgetfit.profiles import ModelProfile
    from budgetfit.tokens.images import ImageGrid
    from budgetfit.video.sources import VideoSource

__all__ = ["Analysis", "analyze", "default_num_candidates"]

_FloatArray = npt.NDArray[np.float64]

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
    evenly : (num_times,) int array
        The candidate that stands for each of times spread evenly over the video.
    """

    time_s: _FloatArray
    pts: tuple[int, ...]
    levels: tuple[ImageGrid, ...]
    aspects: tuple[Aspect, ...]
    evenly: npt.NDArray[np.int64]

    @property
    def aspects_of_pictures(self) -> tuple[Aspect, ...]:
        """The aspects where nothing is a tile of a sheet."""
        return tuple(aspect.with_tiles(()) for aspect in self.aspects)

    @property
    def level_num_tokens(self) -> npt.NDArray[np.int64]:
        """(num_levels,) tokens of a picture at each level."""
        return np.array([level.num_tokens for level in self.levels], dtype=np.int64)


def default_num_candidates(duration_s: float) -> int:
    """Return how many frames of a video of ``duration_s`` seconds are looked at first."""
    return next(number for longest_s, number in _NUM_CANDIDATES if duration_s <= longest_s)


def analyze(
    source: VideoSource,
    profile: ModelProfile,
    *,
    num_candidates: int | None = None,
    also_at_s: Sequence[float] = (),
    keep_all: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Analysis:
    """Look at frames spread over the whole of ``source``, and again where it changes.

    Neighbours that show the same become one candidate, the sharpest, which stands for the time of
    all of them.

    Parameters
    ----------
    source : VideoSource
        An open video.
    profile : ModelProfile
        Patch size and largest picture of the model.
    num_candidates : int, optional
        Frames to look at, spread evenly. By default 33 up to a minute, 65 up to ten, 129 beyond,
        and up to half as many inside gaps of over a second between frames that differ.
    also_at_s : sequence of float
        Times in seconds; the frames shown then are looked at as well.
    keep_all : bool
        Whether frames that show the same as others remain candidates, for who asks for numbers of
        frames or for certain ones.
    on_progress : callable, optional
        Called with (frames done, frames to do) of the first looks.

    Raises
    ------
    UsageError
        A time lies outside the video.
    VideoError
        Nothing can be decoded, or a frame at ``also_at_s`` cannot.
    """
    num_first = num_candidates or default_num_candidates(source.info.duration_s)
    num_more = 0 if num_candidates else num_first // 2
    levels = picture_levels(source.info.width, source.info.height, profile)
    seen = look_around(
        source,
        num_first,
        num_more,
        also_at_s=also_at_s,
        keep_all=keep_all,
        on_progress=on_progress,
    )
    rows, columns = seen.candidates[0].look.shape
    side = profile.side_multiple
    sizes = [(level.columns * side, level.rows * side) for level in levels]
    tile_sizes = [SheetGrid(2, 1, level).tile_size(side) for level in levels]
    return Analysis(
        time_s=np.array([candidate.time_s for candidate in seen.candidates]),
        pts=tuple(candidate.pts for candidate in seen.candidates),
        levels=levels,
        aspects=aspects(
            [candidate.look for candidate in seen.candidates],
            seen.span_s,
            scales=[(width / columns, height / rows) for width, height in sizes],
            tile_scales=[(width / columns, height / rows) for width, height in tile_sizes],
        ),
        evenly=seen.evenly,
    )
