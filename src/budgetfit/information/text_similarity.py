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

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.fft

from budgetfit.information.strokes import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.information.strokes import StrokeMap

__all__ = ["text_similarity"]

# Above this share of the text at its own place, nothing was scrolled.
_MOSTLY_SHOWN = 0.9

# A shift brings at least this share of the ink per row into agreement, or it is chance.
_MIN_AGREEMENT = 0.25

# Stroke blocks of a moment that are compared, evenly chosen; a share of them is good to 3%.
_MAX_BLOCKS = 256

# 64-bit words of a block.
_WORDS = BLOCK * BLOCK // 64

FloatArray = npt.NDArray[np.float64]
IntpArray = npt.NDArray[np.intp]


def text_similarity(frames: Sequence[Sequence[StrokeMap]]) -> FloatArray:
    """Return the (num_moments, num_candidates) share of each moment's text in each frame.

    Parameters
    ----------
    frames : sequence of sequence of StrokeMap
        Strokes of each frame, all frames of one size; moments and candidates are the same frames.

    Returns
    -------
    (num_frames, num_frames) float array
        In [0, 1]: 1 on the diagonal, but 0 in the rows of moments without text.
    """
    shown = np.zeros((len(frames), len(frames)))
    area = np.zeros(len(frames))
    for maps in zip(*frames, strict=True):
        areas = np.array([strokes.is_stroke.sum() * strokes.block_area for strokes in maps])
        with_text = np.flatnonzero(areas)
        if len(with_text):
            shares = _shares([maps[index] for index in with_text])
            shown[np.ix_(with_text, with_text)] += areas[with_text, None] * shares
        area += areas
    similarity: FloatArray = np.clip(shown / np.maximum(area, 1.0)[:, None], 0.0, 1.0)
    np.fill_diagonal(similarity, area > 0)
    return similarity


def _shares(maps: Sequence[StrokeMap]) -> FloatArray:
    """Return the (num_maps, num_maps) share of each map's stroke blocks that each other shows."""
    rows = np.stack([_rows(strokes) for strokes in maps])
    # From every pixel on, the block below it in one block column: (map, column, row, BLOCK).
    blocks = np.lib.stride_tricks.sliding_window_view(
        np.ascontiguousarray(rows.transpose(0, 2, 1)), BLOCK, axis=2
    )
    contrast = np.stack([strokes.contrast for strokes in maps])
    shifts = _shifts(rows)
    shares = np.empty((len(maps), len(maps)))
    for moment, strokes in enumerate(maps):
        places = np.argwhere(strokes.is_stroke)
        places = places[:: -(-len(places) // _MAX_BLOCKS)]
        every, still = np.arange(len(maps)), np.zeros(len(maps), dtype=np.intp)
        shown = _blocks_shown(blocks, contrast, moment, places, (every, still))
        moved = np.flatnonzero((shown.mean(axis=1) < _MOSTLY_SHOWN) & (shifts[moment] != 0))
        shifted = _blocks_shown(blocks, contrast, moment, places, (moved, shifts[moment, moved]))
        shown[moved] = np.maximum(shown[moved], shifted)
        shares[moment] = shown.mean(axis=1)
    return shares


def _blocks_shown(
    blocks: npt.NDArray[np.uint16],
    contrast: npt.NDArray[np.uint8],
    moment: int,
    places: IntpArray,
    others: tuple[IntpArray, IntpArray],
) -> FloatArray:
    """Return (num_others, num_places) how much of a moment's blocks others show.

    ``others`` are their indices and their shifts.
    """
    block_row, column = places.T
    other, shifts = others
    first = block_row * BLOCK + shifts[:, None]
    inside = (first >= 0) & (first < blocks.shape[2])
    first = np.where(inside, first, 0)
    ink = blocks[moment, column, block_row * BLOCK].view(np.uint64)
    found = blocks[other[:, None], column, first].view(np.uint64)
    wrong = _num_set(ink ^ found)
    # Ink and ground may have changed places, as in a selected line.
    wrong = np.minimum(wrong, BLOCK**2 - wrong)
    right = np.maximum(1.0 - wrong / np.maximum(_num_set(ink), 1), 0.0)
    nearest = np.minimum((first + BLOCK // 2) // BLOCK, contrast.shape[1] - 1)
    kept = contrast[other[:, None], nearest, column] / contrast[moment, block_row, column]
    shown: FloatArray = np.where(inside, right * np.minimum(kept, 1.0), 0.0)
    return shown


def _num_set(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Count the ones of blocks, (..., _WORDS)."""
    counts = np.bitwise_count(words)
    # Sums of long arrays; a sum over an axis of four takes three times as long.
    total = counts[..., 0].astype(np.int64)
    for word in range(1, _WORDS):
        total += counts[..., word]
    return total


def _rows(strokes: StrokeMap) -> npt.NDArray[np.uint16]:
    """Return the ink as (rows, block_columns)."""
    return strokes.ink.reshape(-1, strokes.ink.shape[2])


def _shifts(rows: npt.NDArray[np.uint16]) -> IntpArray:
    """Return (num_maps, num_maps) how many pixels lower a map's text is found in another.

    The peak of the correlation of ink per row, or 0 where it is low. What is always there, such as
    a sidebar, is left out by subtracting the mean over maps.
    """
    ink = np.bitwise_count(rows).sum(axis=2, dtype=np.float64)
    num_rows = ink.shape[1]
    centred = ink - ink.mean(axis=0)
    energy = np.einsum("mr,mr->m", centred, centred)
    spectra = scipy.fft.rfft(centred, n=2 * num_rows, axis=1)
    shifts = np.empty((len(rows), len(rows)), dtype=np.intp)
    for moment, spectrum in enumerate(spectra):
        agreement = scipy.fft.irfft(spectra * spectrum.conj(), n=2 * num_rows, axis=1)
        peak = agreement.argmax(axis=1)
        shift = np.where(peak < num_rows, peak, peak - 2 * num_rows)
        is_found = agreement.max(axis=1) >= _MIN_AGREEMENT * energy[moment]
        shifts[moment] = np.where(is_found, shift, 0)
    return shifts
