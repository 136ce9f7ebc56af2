r"""How much of one moment's text is in another moment's frame.

A block of moment t with :math:`m` pixels of ink, of which frame i has all but :math:`d` pixels
right, shows

.. math:: \max(0, 1 - d / m) \cdot \min(1, C_i / C_t)

of that block, with :math:`C` the contrast there: 0 for another text at the same place, less than 1
where the text is being faded or blurred. A block is looked for where it was and, if that does not
show most of the text, at the shift up or down that agrees best with the whole frame: of a page that
was scrolled, only what came in is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.information.scrolling import shifts
from budgetfit.information.strokes import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.information.strokes import StrokeMap

__all__ = ["text_similarity"]

# Above this share of the text at its own place, nothing was scrolled.
_MOSTLY_SHOWN = 0.9

# Frames on either side among which a text may have been scrolled.
_SCROLL_REACH = 8

# Stroke blocks of a moment that are compared, evenly chosen; a share of them is good to 4%.
_MAX_BLOCKS = 128

# 64-bit words of a block.
_WORDS = BLOCK * BLOCK // 64

FloatArray = npt.NDArray[np.float64]
IntpArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """The stroke maps of all frames at one resolution.

    Attributes
    ----------
    maps : sequence of StrokeMap
        One per frame.
    blocks : (num_frames, block_columns, num_rows) array of 2 * BLOCK bytes each
        From every pixel row on, the ink of the block below it in each block column: BLOCK words of
        16 bits, which NumPy moves whole.
    contrast : (num_frames, block_rows, block_columns) uint8 array
        Range of each block in 8-bit steps.
    """

    maps: Sequence[StrokeMap]
    blocks: npt.NDArray[np.void]
    contrast: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, maps: Sequence[StrokeMap]) -> _Scale:
        """Stack the maps of all frames."""
        columns = np.stack([strokes.ink_columns for strokes in maps])
        num_frames, num_columns, num_rows = columns.shape
        shape = (num_frames, num_columns, num_rows - BLOCK + 1)
        blocks: npt.NDArray[np.void] = np.ndarray(
            shape, f"V{2 * BLOCK}", columns, strides=columns.strides
        )
        return cls(maps, blocks, np.stack([strokes.contrast for strokes in maps]))


def text_similarity(
    frames: Sequence[Sequence[StrokeMap]], moments: npt.NDArray[np.bool_] | None = None
) -> FloatArray:
    """Return the (num_moments, num_candidates) share of each moment's text in each frame.

    Parameters
    ----------
    frames : sequence of sequence of StrokeMap
        Strokes of each frame, none of one without text; all of one size. Moments and candidates are
        the same frames.
    moments : (num_frames,) bool array, optional
        Which moments' text is asked for; by default all.

    Returns
    -------
    (num_frames, num_frames) float array
        In [0, 1]: 1 on the diagonal, but 0 in the rows of moments without text or not asked for.
    """
    similarity = np.zeros((len(frames), len(frames)))
    has_text = np.array([any(m.is_stroke.any() for m in maps) for maps in frames], dtype=bool)
    with_text = np.flatnonzero(has_text)
    is_asked = has_text if moments is None else has_text & moments
    if is_asked.any():
        scales = [
            _Scale.of(maps) for maps in zip(*(frames[index] for index in with_text), strict=True)
        ]
        for row in np.flatnonzero(is_asked[with_text]):
            similarity[with_text[row], with_text] = _shares(scales, int(row))
    np.fill_diagonal(similarity, is_asked)
    return similarity


def _shares(scales: Sequence[_Scale], moment: int) -> FloatArray:
    """Return the (num_frames,) share of a moment's text in each frame."""
    shift: IntpArray | None = None
    finest = scales[0].maps
    every = np.arange(len(finest))
    distance = np.abs(every - moment)
    pixels, area = np.zeros(len(finest)), 0.0
    for scale in scales:
        strokes = scale.maps[moment]
        places = np.argwhere(strokes.is_stroke)
        covered = len(places) * strokes.block_area
        places = places[:: max(1, -(-len(places) // _MAX_BLOCKS))]
        shown = _blocks_shown(scale, moment, places, (every, np.zeros_like(every)))
        if shift is None:
            # Large letters alone are not in the finest map's blocks, but in its ink.
            is_moved = shown.sum(axis=1) <= _MOSTLY_SHOWN * len(places)
            is_moved &= distance <= _SCROLL_REACH
            shift = np.zeros_like(every)
            if is_moved.any():
                others = [finest[index].band_spectrum for index in np.flatnonzero(is_moved)]
                shift[is_moved] = shifts(finest[moment].band_spectrum, others)
        moved = np.flatnonzero(shift)
        if len(moved):
            shifted = (moved, np.rint(shift[moved] / strokes.pixel_size).astype(np.intp))
            shown[moved] = np.maximum(shown[moved], _blocks_shown(scale, moment, places, shifted))
        pixels += shown.sum(axis=1) * (covered / max(1, len(places)))
        area += covered
    return np.minimum(pixels / area, 1.0)


def _blocks_shown(
    scale: _Scale, moment: int, places: IntpArray, others: tuple[IntpArray, IntpArray]
) -> FloatArray:
    """Return (num_others, num_places) how much of a moment's blocks others show.

    ``others`` are their indices and their shifts.
    """
    blocks, contrast = scale.blocks, scale.contrast
    block_row, column = places.T
    other, shifts = others
    first = block_row * BLOCK + shifts[:, None]
    inside = (first >= 0) & (first < blocks.shape[2])
    first = np.where(inside, first, 0)
    ink = _words(blocks[moment, column, block_row * BLOCK])
    found = _words(blocks[other[:, None], column, first])
    wrong = _num_set(ink ^ found)
    # Ink and ground may have changed places, as in a selected line.
    wrong = np.minimum(wrong, BLOCK**2 - wrong)
    right = np.maximum(1.0 - wrong / np.maximum(_num_set(ink), 1), 0.0)
    nearest = np.minimum((first + BLOCK // 2) // BLOCK, contrast.shape[1] - 1)
    kept = contrast[other[:, None], nearest, column] / contrast[moment, block_row, column]
    shown: FloatArray = np.where(inside, right * np.minimum(kept, 1.0), 0.0)
    return shown


def _words(blocks: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    """Return (..., _WORDS) words of blocks."""
    return blocks.view(np.uint64).reshape(*blocks.shape, _WORDS)


def _num_set(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Count the ones of blocks, (..., _WORDS)."""
    counts = np.bitwise_count(words)
    # Sums of long arrays; a sum over an axis of four takes three times as long.
    total = counts[..., 0].astype(np.int64)
    for word in range(1, _WORDS):
        total += counts[..., word]
    return total
