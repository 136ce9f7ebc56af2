"""From what was seen of a video to what planning needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.information.aspects import aspects
from budgetfit.information.levels import picture_levels
from budgetfit.tokens.sheets import SheetGrid

if TYPE_CHECKING:
    from budgetfit.looking import Looks
    from budgetfit.problem.aspects import Aspect
    from budgetfit.profiles import ImageRules
    from budgetfit.tokens.images import ImageGrid
    from budgetfit.video.info import VideoInfo

__all__ = ["Analysis", "analyzed"]

_FloatArray = npt.NDArray[np.float64]


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


def analyzed(looks: Looks, info: VideoInfo, rules: ImageRules, *, keep_all: bool) -> Analysis:
    """Return what was looked at as candidates of a model.

    Neighbours that show the same become one candidate, the sharpest, which stands for the time of
    all of them.

    Parameters
    ----------
    looks : Looks
        What was seen.
    info : VideoInfo
        The video's displayed size.
    rules : ImageRules
        Patch size and largest picture of the model.
    keep_all : bool
        Whether frames that show the same as others remain candidates, for who asks for numbers of
        frames or for certain ones.
    """
    levels = picture_levels(info.width, info.height, rules)
    seen = looks.candidates(keep_all=keep_all)
    rows, columns = seen.candidates[0].look.shape
    side = rules.side_multiple
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
