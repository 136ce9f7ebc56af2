"""What each number of tokens can show of one video: points that are reached, and a bound."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.problem.building import VALUE_SCALE
from budgetfit.search.lagrangian import FIXED_POINT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budgetfit.fleet.choices import IntArray
    from budgetfit.problem.solution import Solution

__all__ = ["Curve", "Line", "SolvedRoom"]


@dataclass(frozen=True, slots=True)
class Line:
    """A bound that is a straight line, from prices of moments, tokens and images.

    The Lagrangian bound of search/lagrangian.py holds for every room, and falls by the price of a
    token with each token less.

    Attributes
    ----------
    at_most : int
        The bound on the objective in the curve's largest room.
    token : int
        Price of a token, in value units / ``FIXED_POINT``.
    """

    at_most: int
    token: int

    def at(self, tokens_less: int) -> int:
        """Return the bound in a room that is so many tokens smaller than the largest."""
        # The bound had been rounded down.
        return ((self.at_most + 1) * FIXED_POINT - self.token * tokens_less) // FIXED_POINT


@dataclass(frozen=True, slots=True)
class SolvedRoom:
    """The best that was found in a room.

    Attributes
    ----------
    room : int
        Prompt tokens that a request may have.
    num_tokens : int
        Prompt tokens of the one found.
    solution : Solution
        It.
    objective : int
        What it is worth, in the units of its problem.
    bound : int
        Proved upper bound on that in this room.
    proved_by : str
        What proved it, as ``Plan.proved_by``.
    line : Line or None
        A bound in all rooms, tight near this one.
    """

    room: int
    num_tokens: int
    solution: Solution
    objective: int
    bound: int
    proved_by: str
    line: Line | None


@dataclass(frozen=True)
class Curve:
    """What is known of one job in all rooms up to the largest.

    Attributes
    ----------
    least : int
        No request has fewer prompt tokens.
    most : int
        The largest room.
    total_value : int
        What showing everything is worth.
    solved : tuple of SolvedRoom
        By rising room.
    """

    least: int
    most: int
    total_value: int
    solved: tuple[SolvedRoom, ...]

    def with_more(self, solved: Iterable[SolvedRoom]) -> Curve:
        """Return the curve with further rooms."""
        rooms = {one.room: one for one in (*self.solved, *solved)}
        return replace(self, solved=tuple(rooms[room] for room in sorted(rooms)))

    @property
    def is_solved(self) -> bool:
        """Whether anything fits."""
        return bool(self.solved)

    def shares(self, objectives: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return objectives as shares of the whole video; where nothing counts, all is shown."""
        values = np.asarray(objectives, dtype=np.float64)
        if self.total_value:
            return values / self.total_value
        return 1.0 + values / VALUE_SCALE

    @property
    def num_tokens(self) -> list[int]:
        """What each solved room's request costs."""
        return [one.num_tokens for one in self.solved]

    @property
    def reached(self) -> npt.NDArray[np.float64]:
        """What each solved room's request is worth, as a share."""
        return self.shares([one.objective for one in self.solved])

    def bound_at(self, room: int) -> tuple[int, str]:
        """Return a proved bound on the objective in ``room``, and what proved it.

        A larger room's bound holds as well, and so does every line.
        """
        rooms = [one.room for one in self.solved]
        larger = self.solved[bisect_left(rooms, room) :]
        stated = min(larger, key=lambda one: one.bound) if larger else None
        lines = [one.line.at(self.most - room) for one in self.solved if one.line is not None]
        if stated is not None and (not lines or stated.bound <= min(lines)):
            return stated.bound, stated.proved_by
        return min(lines), "lagrangian bound"

    @cached_property
    def bound_corners(self) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Corners of a function of tokens that no request is worth more than.

        Returns
        -------
        (num_corners,) int64 array
            Rising tokens, from ``least`` to ``most``; between neighbours it is a straight line.
        (num_corners,) float array
            Bounds, as shares; none is below the one before.
        """
        rooms = np.array([one.room for one in self.solved], dtype=np.int64)
        stated = np.array([one.bound for one in self.solved], dtype=np.float64)
        stated = np.minimum.accumulate(stated[::-1])[::-1]
        lines = [one.line for one in self.solved if one.line is not None]
        slopes = np.array([line.token / FIXED_POINT for line in lines])
        heights = np.array([line.at_most + 1.0 for line in lines]) - slopes * self.most
        tokens = self._corners(rooms, stated, slopes, heights)
        larger = np.searchsorted(rooms, tokens)
        bound = np.append(stated, np.inf)[larger]
        if lines:
            bound = np.minimum(bound, (heights[:, None] + slopes[:, None] * tokens).min(axis=0))
        # By more than floating point has lost, and by less than matters.
        return tokens, np.maximum(self.shares(np.maximum.accumulate(bound) + 1.0), 0.0)

    def _corners(
        self,
        rooms: IntArray,
        stated: npt.NDArray[np.float64],
        slopes: npt.NDArray[np.float64],
        heights: npt.NDArray[np.float64],
    ) -> IntArray:
        """Return rising tokens between whose neighbours the bound is a straight line."""
        with np.errstate(divide="ignore", invalid="ignore"):
            crossings = np.concatenate(
                [
                    ((heights[:, None] - heights) / (slopes - slopes[:, None])).ravel(),
                    ((stated[:, None] - heights) / slopes).ravel(),
                ]
            )
        inside = crossings[(crossings > self.least) & (crossings < self.most)]
        floor = np.floor(inside).astype(np.int64)
        ends = np.array([self.least, self.most], dtype=np.int64)
        corners = np.unique(np.concatenate([ends, rooms, rooms + 1, floor, floor + 1]))
        return corners[(corners >= self.least) & (corners <= self.most)]
