"""A bound that keeps the token budget whole, in exact integers, and prices for it.

As in lagrangian.py, each moment is priced by ``mu_t >= 0`` and each count by ``nu_k``; but the
budget is kept as it is. What is left is a knapsack problem over the options' reduced worth, with
the text's value of the tokens that they leave:

    L = sum_t mu_t + sum_k max(nu_k * least_k, nu_k * most_k)
        + the best of at most one option a candidate and a text within max_prompt_tokens, where an
          option is worth sum_t max(0, value[t, o] - mu_t) - sum of nu_k over its counts

Where few pictures fit, that is much tighter than a price on tokens, which lets a solution have
fractions of pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.search.deadline import NEVER
from budgetfit.search.enumeration import enumerate_above
from budgetfit.search.knapsack import Knapsack
from budgetfit.search.lagrangian import FIXED_POINT, count_limits
from budgetfit.search.subgradient import Subgradient

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.search.deadline import Deadline
    from budgetfit.search.enumeration import Enumeration
    from budgetfit.search.lagrangian import Multipliers

__all__ = ["KnapsackDual"]

_FloatArray = npt.NDArray[np.float64]

_PATIENCE = 12

# Steps of a round, as far as they take no more than about a tenth of a second: a million (option,
# token) pairs take some 3 ms.
_STEPS = 60
_CELLS = 30_000_000

# A count's price moves as in dual_search.py.
_COUNT_SCALE = 0.05


class KnapsackDual:
    """Looks for prices with a small bound, starting from those of the Lagrangian bound.

    Parameters
    ----------
    problem : Problem
        Without sheets.
    start : Multipliers
        Prices to start from; their ``min_images`` stays.
    """

    def __init__(self, problem: Problem, start: Multipliers) -> None:
        self._min_images = start.min_images
        least, _, _ = count_limits(problem, self._min_images)
        self._num_moments = problem.num_moments
        spread = problem.num_moments / max(self._min_images, 1)
        self._steps = Subgradient(
            np.concatenate([start.moment, start.counts / FIXED_POINT]),
            _PATIENCE,
            least=np.concatenate(
                [np.zeros(problem.num_moments), np.where(least > 0, -np.inf, 0.0)]
            ),
            scale=np.concatenate(
                [np.ones(problem.num_moments), np.full(len(least), _COUNT_SCALE * spread)]
            ),
        )
        self.use(problem)

    def num_steps(self) -> int:
        """How many steps of a round take little time."""
        return min(_STEPS, _CELLS // self._knapsack.num_cells(self._worth()[0]))

    def use(self, problem: Problem) -> None:
        """Go on with ``problem``, the same but for options that were left out."""
        self._problem = problem
        self._values = problem.values.astype(np.float64)
        self._knapsack = Knapsack(problem)
        self._least, self._most, self._counted = count_limits(problem, self._min_images)
        self._chosen: list[int] = []
        self._steps.forget_value()

    def run(self, target: int, stop_at: int, deadline: Deadline = NEVER) -> list[int]:
        """Take a round of steps; return the options that are best at the best prices."""
        self._steps.run(self._at, max(self.num_steps(), 1), target, stop_at, deadline)
        return self._chosen

    def bound(self) -> int:
        """Return the bound that the best prices certify."""
        worth, rest = self._worth()
        return rest + self._knapsack.value(worth)

    def cannot_reach(self, objective_value: int) -> npt.NDArray[np.bool_]:
        """Tell which options no solution worth ``objective_value`` or more can contain."""
        worth, rest = self._worth()
        out: npt.NDArray[np.bool_] = self._knapsack.with_each(worth) < objective_value - rest
        return out

    def enumerated(
        self, rest: Problem, objective_value: int, deadline: Deadline = NEVER
    ) -> Enumeration:
        """Look for all solutions of ``rest``, a part of the problem, worth ``objective_value``."""
        moment, counts = self._prices()
        counted = int(np.maximum(counts * self._least, counts * self._most).sum())
        return enumerate_above(rest, moment, counts, counted, objective_value, deadline=deadline)

    def _prices(self) -> tuple[IntArray, IntArray]:
        prices = np.rint(self._steps.best).astype(np.int64)
        return prices[: self._num_moments], prices[self._num_moments :]

    def _worth(self) -> tuple[IntArray, int]:
        """Return each option's worth at the best prices, rounded, and what the bound adds to it."""
        moment, counts = self._prices()
        worth = np.maximum(self._problem.values - moment[:, None], 0).sum(axis=0)
        counted = np.maximum(counts * self._least, counts * self._most)
        return worth - counts @ self._counted, int(moment.sum() + counted.sum())

    def _at(self, prices: _FloatArray) -> tuple[float, _FloatArray]:
        moment, counts = prices[: self._num_moments], prices[self._num_moments :]
        surplus = np.maximum(self._values - moment[:, None], 0.0).sum(axis=0)
        best, chosen = self._knapsack.solve(surplus - counts @ self._counted)
        counted = np.maximum(counts * self._least, counts * self._most)
        value = float(moment.sum() + counted.sum()) + best
        if value < self._steps.value:
            self._chosen = chosen
        times = (self._values[:, chosen] > moment[:, None]).sum(axis=1)
        count = self._counted[:, chosen].sum(axis=1)
        # At price 0 either limit gives a subgradient; the one that is broken leads somewhere.
        demanding = (counts < 0) | ((counts == 0) & (count < self._least))
        left = np.where(demanding, self._least, self._most) - count
        left = np.where((counts == 0) & (left > 0) & ~demanding, 0, left)
        return value, np.concatenate([1.0 - times, left])
