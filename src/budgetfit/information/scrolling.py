"""Where a frame's text is found in another one: how far a page was scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["band_spectrum", "shifts"]

# Below this peak of the phase correlation, which is 1 for a copy, a shift is not worth a trial.
_MIN_AGREEMENT = 0.1
_MIN_SHIFT = 3

# Parts across the frame in which ink per row is counted.
_NUM_BANDS = 32

ComplexArray = npt.NDArray[np.complex64]
IntpArray = npt.NDArray[np.intp]


def band_spectrum(ink: npt.NDArray[np.uint16]) -> ComplexArray:
    """Return (num_bands, num_frequencies): transforms of the ink per row of each band, whitened.

    Parameters
    ----------
    ink : (block_rows, num_rows, block_columns) uint16 array
        One bit a pixel.
    """
    number = np.bitwise_count(ink).reshape(-1, ink.shape[2])
    starts = np.linspace(0, ink.shape[2], min(_NUM_BANDS, ink.shape[2]) + 1).astype(np.intp)
    bands = np.add.reduceat(number.T.astype(np.float32), starts[:-1], axis=0)
    bands -= bands.mean(axis=1, keepdims=True)
    # Twice the rows, so that nothing wraps round.
    spectrum = np.fft.rfft(bands, n=2 * bands.shape[1], axis=1)
    # Whitened: else the pitch of lines, the same on every page, would drown all other agreement.
    white: ComplexArray = spectrum / np.maximum(np.abs(spectrum), np.float32(1e-6))
    return white


def shifts(spectrum: ComplexArray, others: Sequence[ComplexArray]) -> IntpArray:
    """Return (num_others,) how many pixels lower a frame's text is found in others; 0 if nowhere.

    The peak of the phase correlation (Kuglin and Hines, 1975) of ink per row, over all bands.
    """
    num_rows = spectrum.shape[1] - 1
    backwards = spectrum.conj()
    product = np.stack([(other * backwards).sum(axis=0) for other in others])
    agreement = np.fft.irfft(product, n=2 * num_rows, axis=1) / len(spectrum)
    # What did not move has been compared.
    agreement[:, :_MIN_SHIFT], agreement[:, 1 - _MIN_SHIFT :] = 0.0, 0.0
    peak = agreement.argmax(axis=1)
    shift = np.where(peak < num_rows, peak, peak - 2 * num_rows)
    found: IntpArray = np.where(agreement.max(axis=1) >= _MIN_AGREEMENT, shift, 0)
    return found
