"""Subgradient steps on the prices of moments, where something else finds the best choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["MomentPrices"]


class MomentPrices:
    """Prices that move towards a small bound, by the choices that are best at them.

    At any prices the best choice, where a moment is worth its price and every chosen option adds
    what it explains beyond, is worth at least the objective's optimum (see lagrangian.py).

    Parameters
    ----------
    problem : Problem
        The data.
    start : (num_moments,) int64 array
        Prices to start from; not negative.
    """

    def __init__(self, problem: Problem, start: IntArray) -> None:
        self._problem = problem
        self._best = self._price = start.astype(np.float64)
        self._best_bound = np.inf
        self._scale = 1.0

    @property
    def rounded(self) -> IntArray:
        """(num_moments,) The prices, rounded."""
        prices: IntArray = np.rint(self._price).astype(np.int64)
        return prices

    def step(self, choice: Solution, bound: int, target: int) -> None:
        """Take a step of Polyak's length from the prices at which ``choice`` is best.

        Where they are no better than the best, the step goes out from those, half as long.

        Parameters
        ----------
        choice : Solution
            The best choice at the present prices.
        bound : int
            What it is worth there.
        target : int
            Objective of the best solution known.
        """
        if bound < self._best_bound:
            self._best_bound, self._best = bound, self._price
            counts = (self._problem.values[:, list(choice.options)] > self.rounded[:, None]).sum(1)
            self._direction = 1.0 - counts
        else:
            self._scale /= 2
        norm = float(self._direction @ self._direction)
        length = self._scale * (self._best_bound - target) / norm if norm else 0.0
        self._price = np.maximum(self._best - length * self._direction, 0.0)
