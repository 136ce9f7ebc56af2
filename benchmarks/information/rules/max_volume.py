"""Greedy log-determinant: frames whose thumbnails span the largest volume.

The greedy maximum of the determinant of the Gram matrix of the chosen rows, as in MAP inference of
determinantal point processes (Chen, Zhang and Zhou, 2018), is what QR with column pivoting takes:
each further row is the one with the most that the earlier ones cannot express.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.linalg

__all__ = ["largest_volume"]

FloatArray = npt.NDArray[np.float64]

# Of the first pivot: what is left of further rows below this is rounding.
_RANK_TOLERANCE = 1e-9


def largest_volume(points: FloatArray, number: int) -> list[int]:
    """Return up to ``number`` rows of ``points`` in the order in which they are taken.

    A prefix of the order is the choice of fewer rows. Rows that the taken ones express wholly are
    never taken.

    Parameters
    ----------
    points : (num_points, num_dimensions) float array
        Thumbnails, 0 where they are mid-grey.
    number : int
        Rows wanted.
    """
    triangle, order = scipy.linalg.qr(points.T, mode="r", pivoting=True)
    pivots = np.abs(np.diagonal(triangle))
    rank = max(1, int((pivots > _RANK_TOLERANCE * max(pivots[0], 1.0)).sum()))
    taken: list[int] = order[: min(number, rank)].tolist()
    return taken
