"""Equal frames from the middles of equal parts of the clip: what most people send."""

from __future__ import annotations

import numpy as np

__all__ = ["COUNTS", "middles"]

COUNTS = (1, 2, 4, 8, 16, 32)


def middles(duration_s: float, number: int) -> list[float]:
    """Return the middles of ``number`` equal parts of a clip, in seconds."""
    times_s: list[float] = ((np.arange(number) + 0.5) * (duration_s / number)).tolist()
    return times_s
