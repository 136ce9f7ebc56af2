"""The moments of a clip that are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["MIN_FRAMES", "NUM_MOMENTS", "is_blank", "jittered_times", "weights_of"]

NUM_MOMENTS = 128
"""With a quarter of it, the difference between two ways within one limit's cell moved by several
hundredths from seed to seed where a clip has many cuts: the worst of many cells was mostly luck."""

MIN_FRAMES = 32
"""Of fewer frames any way may send nearly all."""

# Standard deviation of luma, in 8-bit steps, below which a picture shows nothing: black, white, or
# the end of a fade.
_BLANK_DEVIATION = 2.0

FloatArray = npt.NDArray[np.float64]


def jittered_times(duration_s: float, num_moments: int, seed: int) -> FloatArray:
    """Return a random time from each of ``num_moments`` equal parts of a clip, rising.

    Jittered sampling (Cook, 1986): unbiased as random times are, and even as a grid is. A grid
    itself would flatter uniform plans, whose frames lie on one.

    Returns
    -------
    (num_moments,) float array
        Seconds in [0, duration_s).
    """
    jitter = np.random.default_rng(seed).random(num_moments)
    times_s: FloatArray = (np.arange(num_moments) + jitter) * (duration_s / num_moments)
    return times_s


def is_blank(image: Image.Image) -> bool:
    """Whether nothing can be seen on ``image``."""
    return float(np.asarray(image.convert("L"), dtype=np.float64).std()) < _BLANK_DEVIATION


def weights_of(images: Sequence[Image.Image]) -> FloatArray:
    """Return the (num_images,) weight of each moment: equal, and 0 for a blank one.

    They sum to 1, or to 0 where every moment is blank.
    """
    weights = np.array([0.0 if is_blank(image) else 1.0 for image in images])
    total = float(weights.sum())
    shares: FloatArray = weights / total if total else weights
    return shares
