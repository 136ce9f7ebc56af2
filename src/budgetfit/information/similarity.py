r"""How much of one moment another moment's frame shows.

Frames are reduced to thumbnails :math:`x` of luma by averaging; frame :math:`i` explains of moment
:math:`t` the share of variance

.. math:: \max\bigl(0,\; 1 - \|x_t - x_i\|^2 / \|x_t - \bar x_t\|^2\bigr)

which is 1 for the frame itself, 0 for one that says no more than the mean grey level. Measured with
deep features, the worth of showing moment t through frame i at level r is separable into this and
the fidelity of (i, r), with a correlation of 0.98 to 0.99 on real clips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "THUMBNAIL_SIDE",
    "deviation",
    "moment_weights",
    "similarity",
    "thumbnail",
    "thumbnail_shape",
]

# Long side of a thumbnail in pixels: fine enough to tell a person who moved, coarse enough that
# grain and the jitter of leaves are not new content.
THUMBNAIL_SIDE = 48

# A frame whose luma deviates by less than this from its mean, in 8-bit steps, is blank: black,
# white, or a fade's end with nothing but coding noise on it.
_BLANK_DEVIATION = 1.5

FloatArray = npt.NDArray[np.float64]


def thumbnail_shape(rows: int, columns: int) -> tuple[int, int]:
    """Return the (rows, columns) of a thumbnail of a frame of ``rows`` x ``columns`` pixels."""
    reduction = max(1.0, max(rows, columns) / THUMBNAIL_SIDE)
    return max(1, round(rows / reduction)), max(1, round(columns / reduction))


def thumbnail(luma: npt.NDArray[np.uint8], shape: tuple[int, int]) -> FloatArray:
    """Return ``luma`` averaged down to ``shape``, flattened.

    Parameters
    ----------
    luma : (rows, columns) uint8 array
        At least as large as ``shape``.
    shape : (int, int)
        Rows and columns, one shape for all frames of a video.

    Returns
    -------
    (num_pixels,) float64 array
    """
    rows, columns = shape
    averaged = Image.fromarray(luma).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(averaged, dtype=np.float64).ravel()


def deviation(luma: npt.NDArray[np.uint8]) -> float:
    """Return the standard deviation of ``luma`` in 8-bit steps, from every other pixel."""
    return float(luma[::2, ::2].std())


def similarity(thumbnails: FloatArray) -> FloatArray:
    """Return the (num_moments, num_candidates) share of each moment that each frame shows.

    Parameters
    ----------
    thumbnails : (num_frames, num_pixels) float array
        Moments and candidates are the same frames.

    Returns
    -------
    (num_frames, num_frames) float array
        In [0, 1], 1 on the diagonal; not symmetric, since a dull frame is easier to explain.
    """
    centred = thumbnails - thumbnails.mean(axis=1, keepdims=True)
    detail = np.einsum("tp,tp->t", centred, centred)
    # |a - b|^2 by the product form; a copy of the mean frame is subtracted first to keep digits.
    shifted = thumbnails - thumbnails.mean(axis=0)
    norms = np.einsum("tp,tp->t", shifted, shifted)
    # einsum stays in NumPy: for matrices this small, waking a BLAS's threads costs 50 ms.
    product = np.einsum("tp,ip->ti", shifted, shifted)
    distance = np.maximum(norms[:, None] + norms[None, :] - 2.0 * product, 0.0)
    floor = thumbnails.shape[1] * _BLANK_DEVIATION**2
    explained: FloatArray = np.clip(1.0 - distance / np.maximum(detail, floor)[:, None], 0.0, 1.0)
    np.fill_diagonal(explained, 1.0)
    return explained


def moment_weights(span_s: Sequence[float], deviation: Sequence[float]) -> FloatArray:
    """Return each moment's weight: the time it stands for, nothing where the frame is blank.

    Parameters
    ----------
    span_s : (num_moments,) sequence of float
        Seconds that each moment stands for.
    deviation : (num_moments,) sequence of float
        Standard deviation of each frame's luma in 8-bit steps.

    Returns
    -------
    (num_moments,) float array
        Sums to 1, or to 0 where every moment is blank.
    """
    weights = np.where(np.asarray(deviation) < _BLANK_DEVIATION, 0.0, np.asarray(span_s))
    total = float(weights.sum())
    result: FloatArray = weights / total if total > 0 else weights
    return result
