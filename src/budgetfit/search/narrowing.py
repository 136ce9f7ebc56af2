"""Local search and the Lagrangian bound in turns, over ever fewer options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.restriction import Restriction, restrict
from budgetfit.search.coverage import best_of, objective, room
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    DualSearch,
    Multipliers,
    cannot_reach,
    lagrangian_bound,
)
from budgetfit.search.pair_exchange import exchange_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Narrowing"]

# Subgradient steps of each round; after the last round the search is exhausted.
_ROUND_STEPS = (60, 60, 100, 150, 200)

# From this round on, pairs are exchanged too: by then few enough options are left.
_PAIRS_FROM_ROUND = 2

# Multiples of the bound's own prices at which greedy is run again, a few each round.
_PRICE_MULTIPLES = ((0.7, 1.0, 1.3), (0.5, 0.85, 1.15), (0.3, 1.5, 2.0), (0.95, 1.05), (0.9, 1.1))


class Narrowing:
    """A solution, a bound, and the options that can still matter.

    Solutions with fewer than ``min_images`` images are taken to be known: ``few`` is the best of
    them. The bound covers those with more.

    Parameters
    ----------
    problem : Problem
        The whole problem.
    few : Solution
        The best solution of fewer than ``min_images`` images.
    starts : sequence of Solution
        Feasible solutions that the result must not fall behind.
    min_images : int
        See above.

    Attributes
    ----------
    whole : Problem
        The whole problem.
    best : Solution
        The best solution so far, of the whole problem.
    bound : int
        Proved upper bound on the objective of any solution.
    """

    def __init__(
        self, problem: Problem, few: Solution, starts: Sequence[Solution], min_images: int
    ) -> None:
        self.whole = problem
        built = [*starts, *_constructions(problem)]
        self.best = best_of(problem, [few, *built])
        self.bound = problem.total_value + max(p.value for p in problem.prompt_options)
        self._few_value = objective(problem, few)
        self._round = 0
        self._rest: Restriction | None = restrict(problem, np.ones(problem.num_options, dtype=bool))
        many = [solution for solution in built if len(solution.options) >= min_images]
        self._dual = DualSearch(problem, best_of(problem, many or [few]), min_images)
        self._trail: list[Multipliers] = []

    @property
    def exhausted(self) -> bool:
        """Whether further rounds would bring nothing."""
        return self._round == len(_ROUND_STEPS)

    def goal(self, relative_gap_limit: float) -> int:
        """Return the least objective that would make the best solution miss the gap limit."""
        value = objective(self.whole, self.best)
        prompt = self.whole.prompt_options[self.best.prompt].value
        allowed = (value - prompt) * relative_gap_limit / (1.0 - relative_gap_limit)
        return value + int(allowed) + 1

    def gap_above(self, relative_gap_limit: float) -> bool:
        """Tell whether the proved gap is wider than the limit."""
        return self.bound >= self.goal(relative_gap_limit)

    def round(self, relative_gap_limit: float) -> None:
        """Tighten the bound, drop options that it rules out, and search among the rest."""
        if self._rest is None:
            self._round = len(_ROUND_STEPS)
            return
        target = objective(self.whole, self.best)
        self._dual.run(_ROUND_STEPS[self._round], target, stop_at=self.goal(relative_gap_limit) - 1)
        prices = self._dual.best_multipliers()
        self._tighten(prices)
        if self.gap_above(relative_gap_limit):
            self._improve(prices)
            self._narrow()
        self._round += 1

    def still_open(self, goal: int) -> Restriction | None:
        """Return the options that a solution worth ``goal`` or more may have; None if none can."""
        if self._rest is None:
            return None
        keep = np.ones(self._rest.problem.num_options, dtype=bool)
        for prices in self._trail:
            keep &= ~cannot_reach(self._rest.problem, prices, goal)
        return _narrower(self._rest, keep)

    def _tighten(self, prices: Multipliers) -> None:
        if self._rest is None:
            return
        more_images = lagrangian_bound(self._rest.problem, prices)
        self.bound = min(self.bound, max(more_images, self._few_value, self._worth()))
        self._trail.append(prices)

    def _worth(self) -> int:
        return objective(self.whole, self.best)

    def _narrow(self) -> None:
        """Leave out what no better solution can contain."""
        rest = self._rest
        if rest is None:
            return
        keep: npt.NDArray[np.bool_] = np.ones(rest.problem.num_options, dtype=bool)
        for prices in self._trail[-2:]:
            keep &= ~cannot_reach(rest.problem, prices, self._worth())
        self._rest = _narrower(rest, keep)
        if self._rest is None:
            self.bound = min(self.bound, max(self._few_value, self._worth()))
        elif not keep.all():
            self._dual.use(self._rest.problem)

    def _improve(self, prices: Multipliers) -> None:
        """Search among the options that are left, from greedy solutions at prices near these."""
        rest = self._rest
        if rest is None:
            return
        token, image = prices.token / FIXED_POINT, prices.image / FIXED_POINT
        built = [
            greedy(rest.problem, self.best.prompt, multiple * token, multiple * image)
            for multiple in _PRICE_MULTIPLES[self._round]
        ]
        here = rest.from_whole(self.best)
        found = [
            rest.to_whole(exchange(rest.problem, solution))
            for solution in {*built, here}
            if solution is not None
        ]
        self.best = best_of(self.whole, [self.best, *found])
        here = rest.from_whole(self.best)
        if here is not None and self._round >= _PAIRS_FROM_ROUND:
            self.best = rest.to_whole(exchange_pairs(rest.problem, here))


def _narrower(rest: Restriction, keep: npt.NDArray[np.bool_]) -> Restriction | None:
    if not keep.any():
        return None
    smaller = restrict(rest.problem, keep)
    return Restriction(smaller.problem, rest.options[smaller.options])


def _constructions(problem: Problem) -> list[Solution]:
    """Return the plain greedy solutions beside each prompt option that leaves room."""
    cheapest = int(problem.option_num_tokens.min())
    prompts = [p for p in range(len(problem.prompt_options)) if room(problem, p) >= cheapest]
    built = [greedy(problem, prompt, price) for prompt in prompts for price in (0.0, np.inf)]
    return [solution for solution in built if solution is not None]
