"""Solving a problem from what a problem that differs little has left: a solution and prices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.restriction import restrict
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.lagrangian import FIXED_POINT, Multipliers, cannot_reach, lagrangian_bound
from budgetfit.search.sheet_exchange import exchange_images
from budgetfit.search.sheet_greedy import greedy_images
from budgetfit.solver import checked_result, least_miss, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.restriction import Restriction
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result

__all__ = ["mean_prices", "objective_bound", "prices_of", "solve_from"]

# Steps of each round from prices that are near, measured on real clips: most of what more steps
# bring comes in the first dozen. Then the solver takes over, among the options that are left.
_ROUND_STEPS = (12, 24, 40)

# Where after a round the gap is so many times the one allowed, these prices will not close it: what
# is in the way is that the budget or the images are whole numbers, which the solver knows more of.
_HOPELESS = 1.6

# Steps from a solution alone.
_FIRST_STEPS = 60


def solve_from(
    problem: Problem,
    known: Sequence[Solution],
    prices: Multipliers,
    bound: int,
    limits: SearchLimits,
) -> tuple[Result, Multipliers]:
    """Solve ``problem`` to a proved gap, and return the last prices with the result.

    Parameters
    ----------
    problem : Problem
        The data.
    known : sequence of Solution
        Feasible solutions, at least one.
    prices : Multipliers
        Of a problem that differs little.
    bound : int
        Proved upper bound on the objective.
    limits : SearchLimits
        When to stop.
    """
    search = _WarmSearch(problem, best_of(problem, known), prices, bound, limits)
    return search.run(), search.prices


def prices_of(problem: Problem, result: Result) -> Multipliers:
    """Return prices with a small bound, for a problem whose solution is known."""
    dual = DualSearch(problem, result.solution)
    dual.run(_FIRST_STEPS, objective(problem, result.solution), stop_at=0)
    return dual.best_multipliers()


def mean_prices(first: Multipliers, second: Multipliers) -> Multipliers:
    """Return the prices between those of two problems.

    A price of tokens falls with the room about as a power of it: its mean is the geometric one.
    """
    return Multipliers(
        moment=(first.moment + second.moment) // 2,
        token=math.isqrt(first.token * second.token),
        counts=(first.counts + second.counts) // 2,
        min_images=first.min_images,
    )


def objective_bound(problem: Problem, result: Result) -> int:
    """Return the bound on the objective that ``result`` states beside its own prompt option."""
    values = [prompt.value for prompt in problem.prompt_options]
    if result.best_bound == problem.total_value:
        return result.best_bound + max(values)
    return result.best_bound + values[result.solution.prompt]


class _WarmSearch:
    """The best solution and the bound; valid at any moment."""

    def __init__(
        self,
        problem: Problem,
        best: Solution,
        prices: Multipliers,
        bound: int,
        limits: SearchLimits,
    ) -> None:
        self.prices = prices
        self._problem = problem
        self._best = best
        self._bound = bound
        self._limits = limits
        self._left = restrict(problem, np.ones(problem.num_options, dtype=bool))

    def run(self) -> Result:
        if self._proved():
            return self._result()
        self._tighten()
        for num_steps in _ROUND_STEPS:
            if self._proved():
                return self._result()
            self._improve()
            if self._proved():
                return self._result()
            dual = DualSearch(self._left.problem, self._here(), start=self.prices)
            dual.run(num_steps, self._target, stop_at=self._goal - 1)
            self.prices = dual.best_multipliers()
            self._tighten()
            if self._bound - self._target > _HOPELESS * (self._goal - self._target):
                break
        return self._result() if self._proved() else self._solved()

    @property
    def _target(self) -> int:
        return objective(self._problem, self._best)

    @property
    def _goal(self) -> int:
        return least_miss(self._problem, self._best, self._limits)

    def _proved(self) -> bool:
        return self._bound < self._goal

    def _here(self) -> Solution:
        return _inside(self._left, self._best)

    def _tighten(self) -> None:
        """Lower the bound, and leave out what can be in nothing better than the best."""
        bound = lagrangian_bound(self._left.problem, self.prices)
        # What was left out before is in nothing worth more than the best.
        self._bound = min(self._bound, max(bound, self._target))
        keep = ~cannot_reach(self._left.problem, self.prices, self._target)
        keep[list(self._here().options)] = True
        self._left = self._left.narrowed(keep)

    def _improve(self) -> None:
        """Search among the options that are left, from the best and from a greedy solution."""
        problem = self._left.problem
        token, image = self.prices.token / FIXED_POINT, self.prices.image / FIXED_POINT
        build, improve = (greedy_images, exchange_images) if problem.sheets else (greedy, exchange)
        built = build(problem, token, image)
        starts = [solution for solution in (built, self._here()) if solution is not None]
        found = [self._left.to_whole(improve(problem, solution)) for solution in starts]
        self._best = best_of(self._problem, [self._best, *found])

    def _solved(self) -> Result:
        """Hand over to the solver, which has other bounds as well.

        Without the solution that is known: from a very good one its bound takes longer to come
        down, measured on real clips.
        """
        found = solve(self._problem, self._limits)
        bound = min(self._bound, objective_bound(self._problem, found))
        best = best_of(self._problem, [self._best, found.solution])
        proved = checked_result(self._problem, best, bound, found.proved_by)
        return replace(proved, interrupted=found.interrupted)

    def _result(self) -> Result:
        bound = max(self._bound, self._target)
        return checked_result(self._problem, self._best, bound, "lagrangian bound")


def _inside(part: Restriction, solution: Solution) -> Solution:
    here = part.from_whole(solution)
    if here is None:
        raise RuntimeError(f"{solution} is not among the options that were kept")
    return here
