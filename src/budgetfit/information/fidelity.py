r"""How much of a scene survives at a lower resolution.

Resampling a frame to a smaller grid keeps the coefficients below the grid's Nyquist frequencies and
loses the rest. With :math:`P(f)` the frame's luma power spectrum, averaged over windowed tiles
(Welch, 1967) and freed of the noise of rounding to 8 bits, a coefficient of :math:`f` cycles along
the picture's longer side counts

.. math:: c(f) = P(f)^{1/5} \Big/ \bigl(1 + (f / 150)^2\bigr)

and the kept share is

.. math:: k(s_x, s_y) = \sum_{|f_x| \le s_x/2, |f_y| \le s_y/2} c(f) \Big/ \sum_f c(f)

for a grid of ``s_x`` times the columns and ``s_y`` times the rows of the stored frame. Fidelity is

.. math:: 1 - (1 - k / k_\mathrm{largest})^3

relative to the largest picture that the model takes. Plain energy (exponent 1) would not do: nearly
all of it lies in the lowest frequencies, so it calls a 100-pixel thumbnail complete. The fifth root
follows what deep features lose, and the outer power follows how fast they lose it. What is finer
than 150 cycles, which takes 300 pixels to show, is grain, foliage and text: it tells scenes apart
less and less, and text is measured on its own (:mod:`budgetfit.information.legibility`).

How sharp a frame is beside its neighbours is another question, with constants of its own: a sum of
fourth roots that blur and cross-fades lower by known factors (:mod:`budgetfit.candidates`).
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Spectrum", "fidelity", "spectrum"]

_SPECTRUM_EXPONENT = 0.2
_LOSS_EXPONENT = 3

# Cycles along the picture's longer side at which a coefficient counts half.
_HALF_CYCLES = 150.0

# The same of the detail by which the sharpness of frames is compared: what is taken for a blur or a
# fade rests on its fourth roots, whatever fidelity is fitted to.
_DETAIL_HALF_CYCLES = 200.0

# 128 pixels resolve the Nyquist frequency of the smallest useful grids of a 1280-pixel frame
# (scale 0.09) to a sixth of itself, and a tile's transform stays in the processor's cache.
_TILE = 128

# A quarter of a megapixel is enough to average over; more would cost what decoding does.
_MAX_TILES = 16

# Luma rounded to whole steps carries uniform noise of this variance (Widrow, 1956), which is not
# detail; roots would make much of it.
_ROUNDING_VARIANCE = 1.0 / 12.0

# Shapes of frames whose weights are remembered: a video has one.
_MAX_SHAPES = 8

FloatArray = npt.NDArray[np.float32]
FloatArray64 = npt.NDArray[np.float64]


class Spectrum:
    """The share of a frame's compressed spectrum below any pair of cut-off frequencies.

    Parameters
    ----------
    power : (rows, columns) float array
        Mean power of each coefficient by ascending frequency from 0 to Nyquist, without the
        constant; not negative.
    long_side : int
        Longer side of the frame in pixels.
    """

    def __init__(self, power: FloatArray, long_side: int) -> None:
        counts = _frequency_weights(power.shape, long_side, _HALF_CYCLES)
        detail_counts = _frequency_weights(power.shape, long_side, _DETAIL_HALF_CYCLES)
        varying = np.array(power, dtype=np.float64)
        varying[0, 0] = 0.0
        compressed = varying**_SPECTRUM_EXPONENT
        compressed *= counts
        self._total = float(compressed.sum())
        fourth_roots = np.sqrt(np.sqrt(varying, out=varying), out=varying)
        fourth_roots *= detail_counts
        self._detail = float(fourth_roots.sum())
        self._below = np.zeros((power.shape[0] + 1, power.shape[1] + 1))
        compressed.cumsum(axis=0, out=compressed).cumsum(axis=1, out=self._below[1:, 1:])

    @property
    def detail(self) -> float:
        """How much detail there is, a weighted sum of fourth roots of power.

        A blur of two pixels halves it, mixing two frames dulls it.
        """
        return self._detail

    def kept_share(self, scale_x: FloatArray64, scale_y: FloatArray64) -> FloatArray64:
        """Return the share kept at each pair of scales of the columns and rows.

        Scales above 1 keep everything. A frame without any detail keeps all of it at any scale.
        """
        if self._total == 0.0:
            return np.ones_like(scale_x)
        rows, columns = (side - 1 for side in self._below.shape)
        y, x = np.minimum(scale_y, 1.0) * rows, np.minimum(scale_x, 1.0) * columns
        row = np.minimum(y.astype(np.intp), rows - 1)
        column = np.minimum(x.astype(np.intp), columns - 1)
        down, across = y - row, x - column
        above = self._below[row, column] * (1 - across) + self._below[row, column + 1] * across
        row += 1
        below = self._below[row, column] * (1 - across) + self._below[row, column + 1] * across
        share: FloatArray64 = (above * (1 - down) + below * down) / self._total
        return share


def spectrum(luma: npt.NDArray[np.uint8]) -> Spectrum:
    """Return the spectrum of ``luma``, a (rows, columns) uint8 array, by Welch's method."""
    rows, columns = luma.shape
    shape = min(_TILE, rows), min(_TILE, columns)
    window, window_power = _window(*shape)
    chosen = _chosen_tiles(luma, *shape)
    tiles, transforms = _workspace.of(len(chosen), *shape)
    for tile, pixels in zip(tiles, chosen, strict=True):
        tile[:] = pixels
    tiles -= tiles.mean(axis=(1, 2), keepdims=True)
    tiles *= window
    # With a norm of its own type NumPy stays in single precision: without one it copies all to
    # double, which costs more than the transform.
    np.fft.rfft2(tiles, out=transforms, norm="forward")  # type: ignore[arg-type]  # complex64
    # Real and imaginary parts lie side by side.
    parts = transforms.view(np.float32)
    squares = np.einsum("tyx,tyx->yx", parts, parts)
    power = squares[:, ::2] + squares[:, 1::2]
    power *= np.float32((shape[0] * shape[1]) ** 2 / len(chosen))
    # White noise of variance s has power s * sum(window**2) in every coefficient.
    power -= np.float32(_ROUNDING_VARIANCE * window_power)
    np.maximum(power, 0.0, out=power)
    return Spectrum(_folded(power, shape[0]), max(rows, columns))


def _chosen_tiles(
    luma: npt.NDArray[np.uint8], tile_rows: int, tile_columns: int
) -> list[npt.NDArray[np.uint8]]:
    """Return centred tiles without overlap.

    Of more than ``_MAX_TILES`` an even selection is taken, on diagonals.
    """
    down, across = luma.shape[0] // tile_rows, luma.shape[1] // tile_columns
    top = (luma.shape[0] - down * tile_rows) // 2
    left = (luma.shape[1] - across * tile_columns) // 2
    every = -(-down * across // _MAX_TILES)
    return [
        luma[y : y + tile_rows, x : x + tile_columns]
        for row, y in enumerate(range(top, top + down * tile_rows, tile_rows))
        for column, x in enumerate(range(left, left + across * tile_columns, tile_columns))
        if (row + column) % every == 0
    ]


class _Workspace(threading.local):
    """Memory for tiles and their transforms, which each thread uses again."""

    def __init__(self) -> None:
        self._tiles = np.empty((0, 0, 0), np.float32)
        self._transforms = np.empty((0, 0, 0), np.complex64)

    def of(
        self, number: int, rows: int, columns: int
    ) -> tuple[FloatArray, npt.NDArray[np.complex64]]:
        """Return (number, rows, columns) for tiles, and what their transforms take."""
        if self._tiles.shape[1:] != (rows, columns):
            self._tiles = np.empty((_MAX_TILES, rows, columns), np.float32)
            self._transforms = np.empty((_MAX_TILES, rows, columns // 2 + 1), np.complex64)
        return self._tiles[:number], self._transforms[:number]


_workspace = _Workspace()


@lru_cache(maxsize=_MAX_SHAPES)
def _window(rows: int, columns: int) -> tuple[FloatArray, float]:
    """Return a (rows, columns) Hann window, and the sum of its squares.

    It is without the zeros at its ends, which would waste two pixels.
    """
    down, across = (np.hanning(side + 2)[1:-1].astype(np.float32) for side in (rows, columns))
    window = np.outer(down, across)
    return window, float((window**2).sum())


@lru_cache(maxsize=_MAX_SHAPES)
def _frequency_weights(shape: tuple[int, ...], long_side: int, half_cycles: float) -> FloatArray64:
    """Return what coefficients count by their frequency: half at ``half_cycles``."""
    down, across = (np.linspace(0.0, long_side / 2, side) for side in shape)
    squared_cycles = down[:, None] ** 2 + across**2
    weights: FloatArray64 = 1.0 / (1.0 + squared_cycles / half_cycles**2)
    return weights


def _folded(power: FloatArray, tile_rows: int) -> FloatArray:
    """Add negative vertical frequencies to the positive ones: rows 0 .. Nyquist."""
    half = tile_rows // 2 + 1
    folded = power[:half].copy()
    mirrored = power[half:][::-1]
    folded[1 : 1 + len(mirrored)] += mirrored
    return folded


def fidelity(
    spectra: Sequence[Spectrum],
    scales: Sequence[tuple[float, float]],
    largest: tuple[float, float] | None = None,
) -> FloatArray64:
    """Return the (num_candidates, num_levels) fidelity of each frame at each level, in [0, 1].

    Parameters
    ----------
    spectra : sequence of Spectrum
        One per candidate.
    scales : sequence of (float, float)
        Columns and rows of each level's pixels relative to the analysed luma, cheapest first.
    largest : (float, float), optional
        The scale of fidelity 1; by default the last level's.
    """
    scale_x, scale_y = np.array([*scales, largest or scales[-1]], dtype=np.float64).T
    kept = np.stack([spectrum.kept_share(scale_x, scale_y) for spectrum in spectra])
    kept, full = kept[:, :-1], kept[:, -1:]
    relative = np.divide(kept, full, out=np.ones_like(kept), where=full > 0)
    loss = np.clip(1.0 - relative, 0.0, 1.0) ** _LOSS_EXPONENT
    rising: FloatArray64 = np.maximum.accumulate(1.0 - loss, axis=1)
    return rising
