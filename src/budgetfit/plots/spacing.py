"""Where things go that want to be at the same place: beside each other, as near as they can."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["spread"]


def spread(
    wanted: Sequence[float], widths: Sequence[float], low: float, high: float
) -> list[float]:
    """Return centres, in order, that keep things apart and near where they are wanted.

    The sum of the squared distances is the least possible: things that would overlap become
    clusters around their mean, as in isotonic regression (pool adjacent violators).

    Parameters
    ----------
    wanted : sequence of float
        The centre that each thing wants, rising.
    widths : sequence of float
        The width of each; neighbours' centres are at least half the sum of theirs apart.
    low, high : float
        Bounds of all things. Where they do not fit, they are moved together in proportion.
    """
    if not wanted:
        return []
    total = sum(widths)
    if total > high - low:
        widths = [width * (high - low) / total for width in widths]
    # Without the room that everything to the left takes, "apart" becomes "not falling".
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2)
    floor = low + widths[0] / 2
    ceiling = max(floor, high - widths[-1] / 2 - offsets[-1])
    clusters: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, size = want - offset, 1
        while clusters and clusters[-1][0] > mean:
            other, more = clusters.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        clusters.append((mean, size))
    flat = [mean for mean, size in clusters for _ in range(size)]
    return [
        min(max(value, floor), ceiling) + offset
        for value, offset in zip(flat, offsets, strict=True)
    ]
