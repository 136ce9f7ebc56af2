"""Prices of the moments that bound pairs of images well: one for all pairs, or each its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from budgetfit.search.deadline import NEVER
from budgetfit.search.sheet_pairs import SheetPairs
from budgetfit.search.subgradient import Subgradient

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.search.deadline import Deadline

__all__ = ["PairDual"]

_FloatArray = npt.NDArray[np.float64]

# Steps without a smaller bound after which they become half as long.
_PATIENCE = 20
_OWN_PATIENCE = 8

# Steps at most for a pair on its own: it starts from prices that are nearly right.
_OWN_STEPS = 60


class PairDual:
    """Looks for prices of the moments with a small bound on every pair.

    Parameters
    ----------
    problem : Problem
        The data.
    start : (num_moments,) array
        Prices to start from, not negative: most of what explains a moment now is a good one.
    """

    def __init__(self, problem: Problem, start: npt.NDArray[Any]) -> None:
        self._steps = Subgradient(start, _PATIENCE)
        self.use(problem)

    def use(self, problem: Problem) -> None:
        """Go on with ``problem``, the same but for options and sheets that were left out."""
        self._problem = problem
        self.pairs = SheetPairs(problem)
        # The bound of the smaller problem is another function; only its own values compare.
        self._steps.forget_value()

    def best_moment(self) -> IntArray:
        """Return the prices of the smallest bound so far, in integers."""
        return np.rint(self._steps.best).astype(np.int64)

    def run(self, num_steps: int, target: int, stop_at: int, deadline: Deadline = NEVER) -> None:
        """Take steps aimed at ``target`` until the bound is about ``stop_at``."""
        self._steps.run(self._at, num_steps, target, stop_at, deadline)

    def _at(self, moment: _FloatArray) -> tuple[float, npt.NDArray[Any]]:
        surplus = self.pairs.surplus(moment)
        worth = self.pairs.worth(moment, surplus)
        pair = int(worth.argmax())
        chosen = self.pairs.best_options(pair, surplus)
        times = (self._problem.values[:, chosen] > moment[:, None]).sum(axis=1)
        return float(worth[pair]), 1.0 - times

    def prove(self, pair: int, target: int, stop_at: int) -> None:
        """Bound one pair at prices of its own, and write that down in ``pairs.proved``."""
        places, text = self.pairs.places(pair)
        steps = Subgradient(self._steps.best, _OWN_PATIENCE)
        options = [(self._problem.values[:, among], number) for among, number in places]

        def at(moment: _FloatArray) -> tuple[float, npt.NDArray[Any]]:
            value, times = float(moment.sum()) + text, np.zeros(len(moment), dtype=np.int64)
            for values, number in options:
                surplus = np.maximum(values - moment[:, None], 0).sum(axis=0)
                chosen = np.argpartition(-surplus, number - 1)[:number]
                value += float(surplus[chosen].sum())
                times += (values[:, chosen] > moment[:, None]).sum(axis=1)
            return value, 1.0 - times

        steps.run(at, _OWN_STEPS, target, stop_at)
        moment = np.rint(steps.best).astype(np.int64)
        bound = int(moment.sum()) + text
        for values, number in options:
            surplus = np.maximum(values - moment[:, None], 0).sum(axis=0)
            bound += int(np.sort(surplus)[::-1][:number].sum())
        self.pairs.proved[pair] = min(int(self.pairs.proved[pair]), bound)
