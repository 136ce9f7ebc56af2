r"""How much of a frame's text can still be read at a lower resolution.

A letter can be read as long as its strokes keep about half a pixel of width. With :math:`\rho_b`
the width of the strokes of block b, in pixels of the stored frame, a picture of s times its pixels
keeps

.. math:: \frac{1}{\sum_b a_b} \sum_b \frac{a_b}{1 + (0.43 / s \rho_b)^{16}}

of the text, with :math:`a_b` the area of the block. Both constants are fitted to what a text reader
reads of screens at all sizes; see docs/information.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.information.strokes import StrokeMap

__all__ = ["READABLE_WIDTH", "STEEPNESS", "legibility"]

# Pixels of a stroke at which half of the words can be read.
READABLE_WIDTH = 0.43

STEEPNESS = 16

FloatArray = npt.NDArray[np.float64]


def legibility(
    frames: Sequence[Sequence[StrokeMap]], scales: Sequence[tuple[float, float]]
) -> FloatArray:
    """Return the (num_candidates, num_levels) share of each frame's text that can be read.

    Parameters
    ----------
    frames : sequence of sequence of StrokeMap
        The strokes of each candidate; one without any keeps nothing.
    scales : sequence of (float, float)
        Columns and rows of each level's pixels relative to the luma, cheapest first.

    Returns
    -------
    (num_candidates, num_levels) float array
        In [0, 1], not falling with the level.
    """
    scale = np.sqrt(np.prod(np.array(scales, dtype=np.float64), axis=1))
    found = np.zeros((len(frames), len(scale)))
    for row, maps in zip(found, frames, strict=True):
        width = np.concatenate([strokes.stroke_width for strokes in maps] or [np.zeros(0)])
        area = np.concatenate(
            [np.full(len(m.stroke_width), float(m.block_area)) for m in maps] or [np.zeros(0)]
        )
        if area.any():
            kept = 1.0 / (1.0 + (READABLE_WIDTH / (width[:, None] * scale)) ** STEEPNESS)
            row[:] = area @ kept / area.sum()
    rising: FloatArray = np.maximum.accumulate(found, axis=1)
    return rising
