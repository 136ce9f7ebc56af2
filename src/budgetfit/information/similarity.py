r"""How much of one moment another moment's frame shows.

Frames are reduced to thumbnails of luma by averaging, and thumbnails to cells of 7 x 7 pixels. Of a
cell, :math:`z` holds its mean luma, times 0.02, and for each of four directions the mean over its
pixels of :math:`\log(1 + g)` with :math:`g` the absolute difference of neighbouring pixels: where
there are edges, how many, which way they run, and how strong they are, to a factor. What moves a
little within its cell is the same; what looks different is not, however little of the picture's
variance it makes up. The logarithm is taken before the mean, so that one strong edge does not hide
whether the rest of its cell is smooth or textured.

Frame :math:`i` explains of moment :math:`t`

.. math:: \max\bigl(0,\; 1 - \|z_t - z_i\|^2 / \|z_t - \bar z_t\|^2\bigr)^2

which is 1 for the frame itself, 0 for one that says no more than the mean over cells. Measured with
deep features, the worth of showing moment t through frame i at level r is separable into this and
the fidelity of (i, r). The constants are fitted to those features on clips without text; see
docs/information.md.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "THUMBNAIL_SIDE",
    "descriptor",
    "deviation",
    "is_blank",
    "moment_weights",
    "similarity",
    "thumbnail",
    "thumbnail_shape",
]

# Long side of a thumbnail and side of a cell in pixels: fourteen cells to the longer side.
THUMBNAIL_SIDE = 96
_CELL = 7

# Differences of this many 8-bit steps and less count as none: noise.
_NOISE = 1.0

# What a step of luma counts beside the logarithms of differences.
_LUMA_SCALE = 0.02

_EXPONENT = 2

# A frame whose luma deviates by less than this from its mean, in 8-bit steps, is blank: black,
# white, or a fade's end with nothing but coding noise on it.
_BLANK_DEVIATION = 1.5

# A thumbnail that deviates by so many times that is of no blank frame, whatever is between the
# pixels by which the frame's own deviation is told.
_PLAINLY_NOT_BLANK = 2.0

FloatArray = npt.NDArray[np.float64]


def thumbnail_shape(rows: int, columns: int) -> tuple[int, int]:
    """Return the (rows, columns) of a thumbnail of a frame of ``rows`` x ``columns`` pixels."""
    reduction = max(1.0, max(rows, columns) / THUMBNAIL_SIDE)
    return max(1, round(rows / reduction)), max(1, round(columns / reduction))


def thumbnail(luma: npt.NDArray[np.uint8], shape: tuple[int, int]) -> FloatArray:
    """Return ``luma`` averaged down to ``shape``.

    Parameters
    ----------
    luma : (rows, columns) uint8 array
        At least as large as ``shape``.
    shape : (int, int)
        Rows and columns, one shape for all frames of a video.

    Returns
    -------
    ``shape`` float64 array
    """
    rows, columns = shape
    averaged = Image.fromarray(luma).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(averaged, dtype=np.float64)


def descriptor(thumbnail: FloatArray) -> FloatArray:
    """Return the (num_cells, 5) luma and edges of a thumbnail.

    Parameters
    ----------
    thumbnail : (rows, columns) float array
        Whole numbers from 0 to 255.
    """
    # The last row and column are repeated: a thumbnail of one pixel has differences too.
    rows, columns = thumbnail.shape
    padded = np.empty((rows + 1, columns + 1), np.int16)
    padded[:-1, :-1] = thumbnail
    padded[-1], padded[:, -1] = padded[-2], padded[:, -2]
    here, right = padded[:-1, :-1], padded[:-1, 1:]
    below, across = padded[1:, :-1], padded[1:, 1:]
    planes = np.empty((5, rows, columns))
    np.multiply(thumbnail, _LUMA_SCALE, out=planes[0])
    differences = np.empty((4, rows, columns), np.int16)
    for edges, (first, second) in zip(
        differences, ((right, here), (below, here), (across, here), (below, right)), strict=True
    ):
        np.subtract(first, second, out=edges)
    np.abs(differences, out=differences)
    np.take(_edge_strengths(_NOISE), differences, out=planes[1:], mode="clip")
    return np.ascontiguousarray(_pooled(planes).T)


@cache
def _edge_strengths(noise: float) -> FloatArray:
    """Return what each difference of 8-bit steps counts; logarithms take longer than looking up."""
    strengths: FloatArray = np.log(np.arange(256.0) / noise + 1.0)
    return strengths


def _pooled(planes: FloatArray) -> FloatArray:
    """Return (num_planes, num_cells) means over equal cells of about ``_CELL`` x ``_CELL``."""
    for axis in (1, 2):
        starts = _cell_starts(planes.shape[axis], _CELL)
        sums = np.add.reduceat(planes, starts[:-1], axis=axis)
        counts = np.diff(starts)
        planes = sums / (counts[:, None] if axis == 1 else counts)
    pooled: FloatArray = planes.reshape(len(planes), -1)
    return pooled


@cache
def _cell_starts(length: int, cell: int) -> npt.NDArray[np.intp]:
    """Return where each cell of about ``cell`` pixels of a side starts, and the side's end."""
    return np.linspace(0, length, max(1, round(length / cell)) + 1).astype(np.intp)


def is_blank(luma: npt.NDArray[np.uint8], thumbnail: FloatArray) -> bool:
    """Whether a frame is black, white or of one grey, but for coding noise.

    Parameters
    ----------
    luma : (rows, columns) uint8 array
        The frame.
    thumbnail : (rows, columns) float array
        The same, averaged down: means deviate less than pixels do, so that few frames have to be
        looked at closely.
    """
    if float(thumbnail.std()) >= _PLAINLY_NOT_BLANK * _BLANK_DEVIATION:
        return False
    return deviation(luma) < _BLANK_DEVIATION


def deviation(luma: npt.NDArray[np.uint8]) -> float:
    """Return the standard deviation of ``luma`` in 8-bit steps, from every other pixel."""
    # Sums of whole numbers: NumPy's own would turn every pixel into a float.
    pixels = luma[::2, ::2].astype(np.uint16)
    total, squares, number = _total(pixels), _total(pixels * pixels), pixels.size
    return math.sqrt(number * squares - total**2) / number


def _total(pixels: npt.NDArray[np.uint16]) -> int:
    """Return the sum of (rows, columns), by columns of no more than 2**16 rows."""
    return int(pixels.sum(axis=0, dtype=np.uint32).sum(dtype=np.uint64))


def similarity(descriptors: FloatArray) -> FloatArray:
    """Return the (num_moments, num_candidates) share of each moment that each frame shows.

    Parameters
    ----------
    descriptors : (num_frames, num_cells, num_values) float array
        Moments and candidates are the same frames.

    Returns
    -------
    (num_frames, num_frames) float array
        In [0, 1], 1 on the diagonal; not symmetric, since a dull frame is easier to explain.
    """
    centred = descriptors - descriptors.mean(axis=1, keepdims=True)
    detail = np.einsum("tcv,tcv->t", centred, centred)
    # |a - b|^2 by the product form; a copy of the mean frame is subtracted first to keep digits.
    shifted = (descriptors - descriptors.mean(axis=0)).reshape(len(descriptors), -1)
    norms = np.einsum("tp,tp->t", shifted, shifted)
    # einsum stays in NumPy: for matrices this small, waking a BLAS's threads costs 50 ms.
    product = np.einsum("tp,ip->ti", shifted, shifted)
    distance = np.maximum(norms[:, None] + norms[None, :] - 2.0 * product, 0.0)
    floor = descriptors.shape[1] * (_LUMA_SCALE * _BLANK_DEVIATION) ** 2
    explained = np.clip(1.0 - distance / np.maximum(detail, floor)[:, None], 0.0, 1.0)
    shown: FloatArray = explained**_EXPONENT
    np.fill_diagonal(shown, 1.0)
    return shown


def moment_weights(span_s: Sequence[float], is_blank: Sequence[bool]) -> FloatArray:
    """Return each moment's weight: the time it stands for, nothing where the frame is blank.

    Parameters
    ----------
    span_s : (num_moments,) sequence of float
        Seconds that each moment stands for.
    is_blank : (num_moments,) sequence of bool
        Whether each moment's frame is blank.

    Returns
    -------
    (num_moments,) float array
        Sums to 1, or to 0 where every moment is blank.
    """
    weights = np.where(is_blank, 0.0, np.asarray(span_s))
    total = float(weights.sum())
    result: FloatArray = weights / total if total > 0 else weights
    return result
