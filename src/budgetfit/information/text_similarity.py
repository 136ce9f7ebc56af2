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
import scipy.fft

from budgetfit.information.strokes import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.information.strokes import StrokeMap

__all__ = ["text_similarity"]

# Above this share of the text at its own place, nothing was scrolled.
_MOSTLY_SHOWN = 0.9

# Frames on either side among which a text may have been scrolled.
_SCROLL_REACH = 8

# Below this peak of the phase correlation, which is 1 for a copy, a shift is not worth a trial.
_MIN_AGREEMENT = 0.1
_MIN_SHIFT = 3

# Parts across the frame in which ink per row is counted.
_NUM_BANDS = 32

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
    blocks : (num_frames, block_columns, num_rows, BLOCK) uint16 array
        From every pixel row on, the ink of the block below it in each block column.
    contrast : (num_frames, block_rows, block_columns) uint8 array
        Range of each block in 8-bit steps.
    """

    maps: Sequence[StrokeMap]
    blocks: npt.NDArray[np.uint16]
    contrast: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, maps: Sequence[StrokeMap]) -> _Scale:
        """Stack the maps of all frames."""
        columns = np.stack([strokes.ink.transpose(2, 0, 1) for strokes in maps])
        blocks = np.lib.stride_tricks.sliding_window_view(
            columns.reshape(*columns.shape[:2], -1), BLOCK, axis=2
        )
        return cls(maps, blocks, np.stack([strokes.contrast for strokes in maps]))


def text_similarity(frames: Sequence[Sequence[StrokeMap]]) -> FloatArray:
    """Return the (num_moments, num_candidates) share of each moment's text in each frame.

    Parameters
    ----------
    frames : sequence of sequence of StrokeMap
        Strokes of each frame, none of one without text; all of one size. Moments and candidates are
        the same frames.

    Returns
    -------
    (num_frames, num_frames) float array
        In [0, 1]: 1 on the diagonal, but 0 in the rows of moments without text.
    """
    similarity = np.zeros((len(frames), len(frames)))
    has_text = np.array([any(m.is_stroke.any() for m in maps) for maps in frames], dtype=bool)
    with_text = np.flatnonzero(has_text)
    if len(with_text):
        scales = [
            _Scale.of(maps) for maps in zip(*(frames[index] for index in with_text), strict=True)
        ]
        spectra = _band_spectra([strokes.ink for strokes in scales[0].maps])
        for row, moment in enumerate(with_text):
            similarity[moment, with_text] = _shares(scales, spectra, row)
    np.fill_diagonal(similarity, has_text)
    return similarity


def _shares(
    scales: Sequence[_Scale], spectra: npt.NDArray[np.complex64], moment: int
) -> FloatArray:
    """Return the (num_frames,) share of a moment's text in each frame."""
    shift: IntpArray | None = None
    distance = np.abs(np.arange(len(spectra)) - moment)
    pixels, area = np.zeros(len(spectra)), 0.0
    for scale in scales:
        strokes = scale.maps[moment]
        places = np.argwhere(strokes.is_stroke)
        covered = len(places) * strokes.block_area
        places = places[:: max(1, -(-len(places) // _MAX_BLOCKS))]
        every = np.arange(len(spectra))
        shown = _blocks_shown(scale, moment, places, (every, np.zeros_like(every)))
        if shift is None:
            # Large letters alone are not in the finest map's blocks, but in its ink.
            is_moved = shown.sum(axis=1) <= _MOSTLY_SHOWN * len(places)
            is_moved &= distance <= _SCROLL_REACH
            shift = np.zeros_like(every)
            shift[is_moved] = _shifts(spectra, moment, np.flatnonzero(is_moved))
        moved = np.flatnonzero(shift)
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


def _band_spectra(inks: Sequence[npt.NDArray[np.uint16]]) -> npt.NDArray[np.complex64]:
    """Return (num_frames, num_bands, num_frequencies): transforms of ink per row of each band."""
    ink = np.bitwise_count(np.stack(inks)).astype(np.float32)
    ink = ink.reshape(len(inks), -1, ink.shape[3])
    starts = np.linspace(0, ink.shape[2], min(_NUM_BANDS, ink.shape[2]) + 1).astype(np.intp)
    bands = np.add.reduceat(ink, starts[:-1], axis=2).transpose(0, 2, 1)
    bands -= bands.mean(axis=2, keepdims=True)
    # Twice the rows, so that nothing wraps round.
    spectra = scipy.fft.rfft(bands, n=2 * ink.shape[1], axis=2)
    # Whitened: else the pitch of lines, the same on every page, would drown all other agreement.
    white: npt.NDArray[np.complex64] = spectra / np.maximum(np.abs(spectra), np.float32(1e-6))
    return white


def _shifts(spectra: npt.NDArray[np.complex64], moment: int, others: IntpArray) -> IntpArray:
    """Return (num_others,) how many pixels lower a frame's text is found in others; 0 if nowhere.

    The peak of the phase correlation (Kuglin and Hines, 1975) of ink per row, over all bands.
    """
    num_rows = spectra.shape[2] - 1
    product = np.einsum("obf,bf->of", spectra[others], spectra[moment].conj())
    agreement = scipy.fft.irfft(product, n=2 * num_rows, axis=1) / spectra.shape[1]
    # What did not move has been compared.
    agreement[:, :_MIN_SHIFT], agreement[:, 1 - _MIN_SHIFT :] = 0.0, 0.0
    peak = agreement.argmax(axis=1)
    shift = np.where(peak < num_rows, peak, peak - 2 * num_rows)
    found: IntpArray = np.where(agreement.max(axis=1) >= _MIN_AGREEMENT, shift, 0)
    return found
