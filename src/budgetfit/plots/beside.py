"""Labels beside points: where nothing else is, and as near as that allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.plots.placing import Box

__all__ = ["beside"]

# Inches around a point at which its label may be; beyond that it is better a little crossed.
_DISTANCES = (0.09, 0.2, 0.34, 0.5, 0.7, 0.9)
# What a point of a line under a label counts, and an inch of distance.
_CROSSED, _INCH = 1.0, 12.0
_COVERED = 1000.0
_AIR = 0.03


def beside(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    lines: Sequence[tuple[float, float]],
    room: tuple[float, float],
) -> list[Box]:
    """Return a box for the label of each point, the first ones first served.

    Parameters
    ----------
    points : sequence of (float, float)
        What is labelled, in inches; no label covers one of these.
    sizes : sequence of (float, float)
        Width and height of each label.
    lines : sequence of (float, float)
        Points of lines that labels should not cover.
    room : (float, float)
        Width and height that no label leaves.
    """
    placed: list[Box] = []
    for point, size in zip(points, sizes, strict=True):
        candidates = list(_candidates(point, size, room))
        # The mark of a point is itself some points wide.
        marks = [(x - 0.06, y - 0.06, 0.12, 0.12) for x, y in points]

        def cost(candidate: tuple[float, Box], taken: tuple[Box, ...] = (*marks, *placed)) -> float:
            distance, box = candidate
            covered = sum(_overlap(box, other) for other in taken)
            crossed = sum(_holds(box, x, y) for x, y in lines)
            return _COVERED * covered + _CROSSED * crossed + _INCH * distance

        placed.append(min(candidates, key=cost)[1])
    return placed


def _candidates(
    point: tuple[float, float], size: tuple[float, float], room: tuple[float, float]
) -> Iterator[tuple[float, Box]]:
    """Yield distances and boxes around ``point``, moved into ``room``."""
    (x, y), (width, height) = point, size
    for distance in _DISTANCES:
        for step in range(16):
            angle = 2 * math.pi * step / 16
            across, up = math.cos(angle), math.sin(angle)
            left = x + distance * across + (across - 1) / 2 * width
            bottom = y + distance * up + (up - 1) / 2 * height
            left = min(max(left, 0.0), max(0.0, room[0] - width))
            bottom = min(max(bottom, 0.0), max(0.0, room[1] - height))
            yield distance, (left, bottom, width, height)


def _overlap(box: Box, other: Box) -> bool:
    return (
        box[0] < other[0] + other[2] + _AIR
        and other[0] < box[0] + box[2] + _AIR
        and box[1] < other[1] + other[3] + _AIR
        and other[1] < box[1] + box[3] + _AIR
    )


def _holds(box: Box, x: float, y: float) -> bool:
    return (
        box[0] - _AIR <= x <= box[0] + box[2] + _AIR
        and box[1] - _AIR <= y <= box[1] + box[3] + _AIR
    )
