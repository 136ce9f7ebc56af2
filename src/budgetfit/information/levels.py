"""The resolutions at which a picture may be sent: grids of patches near the video's shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from budgetfit.tokens.images import ImageGrid

if TYPE_CHECKING:
    from budgetfit.profiles import ImageRules

__all__ = ["MAX_DISTORTION", "MIN_PIXELS", "TOKEN_STEP", "picture_levels"]

# A level's aspect ratio differs from the video's by at most this factor, exp(0.04) - 1 = 4.1%.
MAX_DISTORTION = 0.04

# The smallest useful level: about 112 x 64 pixels of a 16:9 video, 7 x 4 patches of 16. Below it,
# judged by deep features, a picture explains less than half of its own moment.
MIN_PIXELS = 24 * 16**2

# Neighbouring levels differ by at least this factor in tokens.
TOKEN_STEP = 1.12


def picture_levels(width: int, height: int, rules: ImageRules) -> tuple[ImageGrid, ...]:
    """Return the grids at which a width x height picture may be sent, cheapest first.

    Sides are whole patches, so that nothing after us rounds or resamples. A grid is never larger
    than the picture rounded up to whole patches, nor than the model's largest picture. The aspect
    ratio is kept within ``MAX_DISTORTION``; only where no grid is that near (pictures of a few
    patches a side, or extremely long ones) the nearest one of all is the single level.

    Parameters
    ----------
    width, height : int
        Size in pixels as displayed.
    rules : ImageRules
        Patch size, merging and the largest side.

    Returns
    -------
    tuple of ImageGrid
        At least one; tokens and patches both rise strictly.
    """
    grids = _grids_near(width, height, rules)
    pixels = rules.side_multiple**2
    useful = [grid for grid in grids if grid.columns * grid.rows * pixels >= MIN_PIXELS]
    return _thinned(_undominated(useful or grids[-1:]))


def _grids_near(width: int, height: int, rules: ImageRules) -> list[ImageGrid]:
    """Return every grid within the distortion bound by rising patches, or the nearest one."""
    side = rules.side_multiple
    most = rules.max_image_size // side
    max_columns = min(math.ceil(width / side), most)
    max_rows = min(math.ceil(height / side), most)
    distortion: dict[ImageGrid, float] = {}
    for columns in range(1, max_columns + 1):
        exact = columns * height / width
        for rows in {math.floor(exact), math.ceil(exact)}:
            if 1 <= rows <= max_rows:
                grid = ImageGrid(columns, rows)
                distortion[grid] = abs(math.log(exact / rows))
    if not distortion:
        # Even a single column is too wide: a picture over max_rows times as tall as it is wide.
        return [ImageGrid(1, max_rows)]
    near = [grid for grid, error in distortion.items() if error <= MAX_DISTORTION]
    if not near:
        # Among equally distorted grids the largest shows the most.
        near = [min(distortion, key=lambda g: (distortion[g], -g.columns * g.rows))]
    return sorted(near, key=lambda grid: (grid.columns * grid.rows, grid.num_tokens))


def _undominated(grids: list[ImageGrid]) -> list[ImageGrid]:
    """Drop grids for which another has more patches for no more tokens."""
    kept: list[ImageGrid] = []
    for grid in sorted(grids, key=lambda g: (-g.columns * g.rows, g.num_tokens)):
        if not kept or grid.num_tokens < kept[-1].num_tokens:
            kept.append(grid)
    return kept[::-1]


def _thinned(grids: list[ImageGrid]) -> tuple[ImageGrid, ...]:
    """Keep the largest grid and, going down, every one that is a step cheaper than the last."""
    kept = grids[-1:]
    for grid in reversed(grids[:-1]):
        if grid.num_tokens * TOKEN_STEP <= kept[-1].num_tokens:
            kept.append(grid)
    return tuple(reversed(kept))
