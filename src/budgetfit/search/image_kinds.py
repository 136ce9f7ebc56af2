"""What an image of a request can be: a picture of some cost, or a sheet of some tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["ImageKinds", "image_kinds"]


@dataclass(frozen=True, slots=True, eq=False)
class ImageKinds:
    """Images told apart by what they cost and by what may fill them.

    Attributes
    ----------
    groups : tuple of int array
        Options that may fill a place: all pictures of one cost, or all tiles of one kind.
    group : (num_kinds,) int64 array
        The group that fills an image of each kind.
    num_places : (num_kinds,) int64 array
        Options that it takes: 1 for a picture, the tiles of a sheet.
    num_tokens : (num_kinds,) int64 array
        What it costs.
    sheet : (num_kinds,) int64 array
        Its index in ``Problem.sheets``; -1 for a picture.
    """

    groups: tuple[IntArray, ...]
    group: IntArray
    num_places: IntArray
    num_tokens: IntArray
    sheet: IntArray


def image_kinds(problem: Problem) -> ImageKinds:
    """Return the images that fit the budget and that there are options enough for."""
    groups: list[IntArray] = []
    rows: list[tuple[int, int, int, int]] = []
    costs = np.where(problem.is_tile, -1, problem.option_num_tokens)
    for cost in np.unique(costs[costs >= 0]).tolist():
        rows.append((len(groups), 1, cost, -1))
        groups.append(np.flatnonzero(costs == cost))
    tiles = costs if problem.option_tile is None else problem.option_tile
    for tile in np.unique(tiles[problem.is_tile]).tolist():
        rows += [
            (len(groups), sheet.num_tiles, sheet.num_tokens, index)
            for index, sheet in enumerate(problem.sheets)
            if sheet.tile == tile
        ]
        groups.append(np.flatnonzero(tiles == tile))
    size = [len(group) for group in groups]
    useful = [
        row for row in rows if row[1] <= size[row[0]] and row[2] <= problem.max_picture_tokens
    ]
    group, num_places, num_tokens, sheet = np.array(useful, dtype=np.int64).reshape(-1, 4).T
    return ImageKinds(tuple(groups), group, num_places, num_tokens, sheet)
