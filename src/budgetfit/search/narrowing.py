"""Local search and the Lagrangian bound in turns, over ever fewer options."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.restriction import Restriction, restrict
from budgetfit.problem.validator import violations
from budgetfit.search.coverage import best_of, completed, most_conceivable, objective
from budgetfit.search.deadline import NEVER
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.enumeration import MAX_ENUMERATED_OPTIONS
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.knapsack_dual import KnapsackDual
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Multipliers,
    cannot_reach,
    lagrangian_bound,
)
from budgetfit.search.pair_exchange import exchange_pairs
from budgetfit.search.polishing import polished
from budgetfit.search.time_order import moment_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["Narrowing"]

# Subgradient steps of each round; after the last round the search is exhausted.
_ROUND_STEPS = (60, 60, 100, 150, 200, 200)

# From this round on, where that is affordable, the bound keeps the budget whole: at once where few
# pictures fit, since it is much tighter then; elsewhere once a price on tokens has brought what it
# can, as its steps are so much cheaper.
_KNAPSACK_FROM_ROUND = 2
_FEW_PICTURES = 5
_KNAPSACK_OF_MANY_FROM_ROUND = 4
_MANY_STEPS, _FEW_STEPS = 20, 3

# From this round on, pairs are exchanged too: by then few enough options are left.
_PAIRS_FROM_ROUND = 2

# Multiples of the bound's own prices at which greedy is run again, a few each round.
_PRICE_MULTIPLES = (
    (0.7, 1.0, 1.3),
    (0.5, 0.85, 1.15),
    (0.3, 1.5, 2.0),
    (0.95, 1.05),
    (0.9, 1.1),
    (1.0,),
)


class Narrowing:
    """A solution, a bound, and the options that can still matter.

    Of the solutions with fewer than ``min_images`` images the best is taken to be known; the
    multipliers bound those with more.

    Parameters
    ----------
    problem : Problem
        The whole problem.
    known : sequence of Solution
        Feasible solutions, at least one; among them the best of fewer than ``min_images`` images,
        if there is any.
    min_images : int
        See above.
    deadline : Deadline, optional
        When to end a round before its time. The bound holds all the same.

    Attributes
    ----------
    best : Solution
        The best solution so far, of the whole problem.
    bound : int
        Proved upper bound on the objective of any solution.
    min_images : int
        Solutions with fewer images need not be looked for.
    """

    def __init__(
        self,
        problem: Problem,
        known: Sequence[Solution],
        min_images: int,
        deadline: Deadline = NEVER,
    ) -> None:
        self.best = best_of(problem, known)
        self.min_images = min_images
        self.bound = most_conceivable(problem)
        self._whole = problem
        self._deadline = deadline
        self._round = 0
        self._rest: Restriction | None = restrict(problem, np.ones(problem.num_options, dtype=bool))
        many = [solution for solution in known if len(solution.options) >= min_images]
        self._dual = DualSearch(problem, best_of(problem, many or known), min_images)
        self._trail: list[Multipliers] = []
        self._knapsack: KnapsackDual | None = None
        self._polished: Solution | None = None

    @property
    def exhausted(self) -> bool:
        """Whether further rounds would bring nothing."""
        return self._round == len(_ROUND_STEPS)

    def round(self, target: int, goal: int) -> None:
        """Tighten the bound, drop options that it rules out, and search among the rest.

        Parameters
        ----------
        target : int
            Only what is worth more than this is of interest.
        goal : int
            A bound below this ends the search.
        """
        if self._rest is None:
            self._round = len(_ROUND_STEPS)
            return
        found = self._tighten(self._rest, target, goal)
        if self.bound >= goal and not self._deadline.passed():
            # A solution worth this closes the gap: the goal grows as the target does.
            enough = -(-self.bound * target // max(goal - 1, 1))
            self._improve(self._rest, found, enough)
        if self.bound >= goal and not self._deadline.passed():
            self._narrow(self._rest, max(target, objective(self._whole, self.best)))
        self._round += 1

    def still_open(self, goal: int) -> Restriction | None:
        """Return the options that a solution worth ``goal`` or more may have; None if none can."""
        if self._rest is None:
            return None
        keep = np.ones(self._rest.problem.num_options, dtype=bool)
        for prices in self._trail:
            keep &= ~cannot_reach(self._rest.problem, prices, goal)
        if self._knapsack is not None:
            keep &= ~self._knapsack.cannot_reach(goal)
        return _narrower(self._rest, keep)

    def settled_above(self, goal: int) -> bool:
        """Look at all solutions worth ``goal`` or more, where they are few; tell whether it did.

        Then the best one is known, and the bound is tight above ``goal``.
        """
        left = self.still_open(goal)
        if left is None:
            self.bound = min(self.bound, goal - 1)
            return True
        if self._knapsack is None or left.problem.num_options > MAX_ENUMERATED_OPTIONS:
            return False
        found = self._knapsack.enumerated(left.problem, goal, self._deadline)
        if not found.complete:
            return False
        self.bound = min(self.bound, goal - 1)
        if found.solution is not None:
            solution = left.to_whole(found.solution)
            self.best = best_of(self._whole, [self.best, solution])
            self.bound = max(self.bound, objective(self._whole, solution))
        return True

    def improved(self, solution: Solution, enough: float = math.inf) -> Solution:
        """Return ``solution`` after exchanges, of pairs too, among the options that are left.

        They end where the objective is ``enough``.
        """
        here = None if self._rest is None else self._rest.from_whole(solution)
        if self._rest is None or here is None:
            return solution
        return self._rest.to_whole(exchange_pairs(self._rest.problem, here, enough, self._deadline))

    def polish(self) -> bool:
        """Improve the best solution by choices in time order, among options that may matter.

        Returns
        -------
        bool
            Whether it was looked at: not where it was before, or nothing can be better.
        """
        if self._rest is None or self.best == self._polished:
            return False
        if not self._trail:
            # The gap was small before there were any prices.
            worth = objective(self._whole, self.best)
            self._tighten(self._rest, worth, worth + 1)
        prices, keep = self._trail[-1], np.zeros(self._whole.num_options, dtype=bool)
        out = cannot_reach(self._rest.problem, prices, objective(self._whole, self.best))
        keep[self._rest.options[~out]] = True
        # With few images it may be none of those that the prices speak of.
        keep[list(self.best.options)] = True
        part = restrict(self._whole, keep)
        here = part.from_whole(self.best)
        if here is None:
            raise RuntimeError("the best solution is not among its own options")
        token, image = prices.token / FIXED_POINT, prices.image / FIXED_POINT
        times = moment_times(self._whole)
        better = polished(part.problem, here, token, image, times=times, deadline=self._deadline)
        self.best = self._polished = part.to_whole(better)
        return True

    def _tighten(self, rest: Restriction, target: int, goal: int) -> list[Solution]:
        """Lower the bound; return what else is known to be good at its prices."""
        if self._knapsack is None:
            self._knapsack = self._affordable_knapsack(rest.problem)
        if self._knapsack is None:
            self._dual.run(_ROUND_STEPS[self._round], target, goal - 1, self._deadline)
            self._trail.append(self._dual.best_multipliers())
            self._lower(lagrangian_bound(rest.problem, self._trail[-1]), target)
            return []
        chosen = self._knapsack.run(target, goal - 1, self._deadline)
        self._lower(self._knapsack.bound(), target)
        solution = completed(rest.problem, chosen)
        return [] if violations(rest.problem, solution) else [solution]

    def _affordable_knapsack(self, problem: Problem) -> KnapsackDual | None:
        """Return the bound that keeps the budget whole, where the budget binds and it is cheap."""
        few = len(self.best.options) <= _FEW_PICTURES
        first = _KNAPSACK_FROM_ROUND if few else _KNAPSACK_OF_MANY_FROM_ROUND
        if self._round < first or not self._trail[-1].token:
            return None
        knapsack = KnapsackDual(problem, self._trail[-1])
        needed = _MANY_STEPS if self._round < _KNAPSACK_OF_MANY_FROM_ROUND else _FEW_STEPS
        return knapsack if knapsack.num_steps() >= needed else None

    def _lower(self, bound: int, target: int) -> None:
        """Take note of a bound on solutions worth more than ``target``."""
        self.bound = min(self.bound, max(bound, target))

    def _narrow(self, rest: Restriction, target: int) -> None:
        """Leave out what no solution worth ``target`` or more can contain."""
        keep: npt.NDArray[np.bool_] = np.ones(rest.problem.num_options, dtype=bool)
        for prices in self._trail[-2:]:
            keep &= ~cannot_reach(rest.problem, prices, target)
        if self._knapsack is not None:
            keep &= ~self._knapsack.cannot_reach(target)
        self._rest = _narrower(rest, keep)
        if self._rest is None:
            self.bound = min(self.bound, target)
        elif not keep.all():
            self._dual.use(self._rest.problem)
            if self._knapsack is not None:
                self._knapsack.use(self._rest.problem)

    def _improve(self, rest: Restriction, known: Sequence[Solution], enough: int) -> None:
        """Search among the options that are left, from greedy solutions at prices near these."""
        prices = self._trail[-1]
        token, image = prices.token / FIXED_POINT, prices.image / FIXED_POINT
        built = [
            greedy(rest.problem, multiple * token, multiple * image, self._deadline)
            for multiple in _PRICE_MULTIPLES[self._round]
        ]
        here = rest.from_whole(self.best)
        found = [
            rest.to_whole(exchange(rest.problem, solution, self._deadline))
            for solution in (*built, *known, here)
            if solution is not None
        ]
        self.best = best_of(self._whole, [self.best, *found])
        if self._round >= _PAIRS_FROM_ROUND:
            # Often enough by itself, and cheaper than pairs.
            self.polish()
            self.best = self.improved(self.best, enough)


def _narrower(rest: Restriction, keep: npt.NDArray[np.bool_]) -> Restriction | None:
    return rest.narrowed(keep) if keep.any() else None
