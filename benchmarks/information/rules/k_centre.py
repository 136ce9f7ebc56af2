"""Greedy k-centre: each further frame is the one least like those already taken.

Farthest-first traversal (Gonzalez, 1985), whose largest distance is at most twice the best.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["farthest_first"]

FloatArray = npt.NDArray[np.float64]


def farthest_first(points: FloatArray, number: int) -> list[int]:
    """Return up to ``number`` rows of ``points`` in the order in which they are taken.

    The first is the row nearest to the mean; ties go to the earlier row. A prefix of the order is
    the choice of fewer rows. Rows equal to one already taken are never taken.

    Parameters
    ----------
    points : (num_points, num_dimensions) float array
        Thumbnails.
    number : int
        Rows wanted.
    """
    centre = points.mean(axis=0)
    taken = [int(((points - centre) ** 2).sum(axis=1).argmin())]
    distance = ((points - points[taken[0]]) ** 2).sum(axis=1)
    while len(taken) < number and distance.max() > 0:
        taken.append(int(distance.argmax()))
        distance = np.minimum(distance, ((points - points[taken[-1]]) ** 2).sum(axis=1))
    return taken
