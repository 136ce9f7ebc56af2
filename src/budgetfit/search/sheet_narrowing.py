"""Local search and a bound in turns where images may be sheets, over ever fewer of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.problem.restriction import Restriction, restrict, without_sheets
from budgetfit.search.coverage import best_of, coverage, most_conceivable, objective
from budgetfit.search.deadline import NEVER
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.greedy import greedy
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Multipliers,
    cannot_be_sent,
    cannot_reach,
    lagrangian_bound,
)
from budgetfit.search.narrowing import Narrowing
from budgetfit.search.pair_dual import PairDual
from budgetfit.search.sheet_exchange import exchange_images
from budgetfit.search.sheet_filling import filled, frames_exchanged
from budgetfit.search.sheet_greedy import greedy_images
from budgetfit.search.sheet_pairs import UNPROVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["SheetNarrowing"]

_BoolArray = npt.NDArray[np.bool_]

# Subgradient steps of each round; after the last round the search is exhausted.
_ROUND_STEPS = (60, 60, 100, 150)

# Multiples of the bound's own prices at which greedy is run, a few each round.
_PRICE_MULTIPLES = ((0.6, 1.0), (0.8, 1.2), (0.4, 0.9), (0.0, 1.5))

# Of the pairs of images that promise the most, so many are filled each round.
_FILLED_PAIRS = 6

# Pairs that get prices of their own in a round.
_OWN_PAIRS = 100

# A start is good where its gap is at most a share of one in so many.
_GOOD_ENOUGH = 200

# Up to so many images, every pair of them is weighed.
_MAX_PAIRED = 2


class SheetNarrowing:
    """A solution, a bound, and the options and sheets that can still matter.

    The counterpart of :class:`~budgetfit.search.narrowing.Narrowing` for problems with sheets.

    Parameters
    ----------
    problem : Problem
        The whole problem, with sheets.
    known : sequence of Solution
        Feasible solutions, at least one.
    deadline : Deadline, optional
        When to end a round before its time.

    Attributes
    ----------
    best : Solution
        The best solution so far, of the whole problem.
    bound : int
        Proved upper bound on the objective of any solution.
    min_images : int
        Solutions with fewer images need not be looked for.
    """

    min_images = 1

    def __init__(
        self, problem: Problem, known: Sequence[Solution], deadline: Deadline = NEVER
    ) -> None:
        self.best = best_of(problem, known)
        self.bound = most_conceivable(problem)
        self._whole = problem
        self._deadline = deadline
        self._round = 0
        self._rest: Restriction | None = restrict(problem, np.ones(problem.num_options, dtype=bool))
        self._side: _Pairs | _Prices = (
            _Pairs(problem, self.best, deadline)
            if problem.image_limit <= _MAX_PAIRED
            else _Prices(problem, self.best, deadline)
        )

    @property
    def exhausted(self) -> bool:
        """Whether further rounds would bring nothing."""
        if self._rest is None:
            return True
        return self._round >= len(_ROUND_STEPS) and self._side.settled()

    def round(self, target: int, goal: int) -> None:
        """Tighten the bound, search, and drop what the bound rules out.

        Parameters
        ----------
        target : int
            Only what is worth more than this is of interest.
        goal : int
            A bound below this ends the search.
        """
        if self._rest is None:
            return
        bound = self._side.tightened(self._round, target, goal)
        self.bound = min(self.bound, max(bound, target))
        if self.bound >= goal and not self._deadline.passed():
            found = self._side.solutions(self._round, target, self._rest.from_whole(self.best))
            whole = [self._rest.to_whole(solution) for solution in found]
            self.best = best_of(self._whole, [self.best, *whole])
            if self._round < len(_ROUND_STEPS) and not self._deadline.passed():
                self._narrow(max(target, objective(self._whole, self.best)))
        self._round += 1

    def still_open(self, goal: int) -> Restriction | None:
        """Return what a solution worth ``goal`` or more may have; None if nothing is left."""
        if self._rest is None:
            return None
        options_out, sheets_out = self._side.out(goal)
        return self._rest.narrowed(~options_out, ~sheets_out) if not options_out.all() else None

    def settled_above(self, goal: int) -> bool:
        """Tell whether nothing is left that may be worth ``goal`` or more."""
        if self.still_open(goal) is not None:
            return False
        self.bound = min(self.bound, goal - 1)
        return True

    def improved(self, solution: Solution) -> Solution:
        """Return ``solution`` after exchanges of frames among the options that are left."""
        here = None if self._rest is None else self._rest.from_whole(solution)
        if self._rest is None or here is None:
            return solution
        return self._rest.to_whole(frames_exchanged(self._rest.problem, here, self._deadline))

    def _narrow(self, target: int) -> None:
        """Leave out what no solution worth ``target`` or more can contain."""
        before, self._rest = self._rest, self.still_open(target)
        if self._rest is None:
            self.bound = min(self.bound, target)
        elif before is None or _size(self._rest) != _size(before):
            self._side.use(self._rest.problem)


def _size(part: Restriction) -> tuple[int, int]:
    return len(part.options), len(part.sheets)


class _Pairs:
    """The bound that weighs every pair of images, and solutions that fill the best pairs."""

    def __init__(self, problem: Problem, known: Solution, deadline: Deadline) -> None:
        self._problem = problem
        self._deadline = deadline
        self._dual = PairDual(problem, 0.8 * coverage(problem, known.options))
        self._moment = self._dual.best_moment()
        self._unproved = 0

    def settled(self) -> bool:
        return self._unproved == 0

    def use(self, problem: Problem) -> None:
        self._problem = problem
        self._dual.use(problem)

    def tightened(self, number: int, target: int, goal: int) -> int:
        if number < len(_ROUND_STEPS):
            self._dual.run(_ROUND_STEPS[number], target, goal - 1, self._deadline)
            self._moment = self._dual.best_moment()
        else:
            for pair in self._open(goal)[:_OWN_PAIRS].tolist():
                if self._deadline.passed():
                    break
                self._dual.prove(pair, target, goal - 1)
        self._unproved = len(self._open(goal))
        return int(self._dual.pairs.bounds(self._moment).max())

    def _open(self, goal: int) -> IntArray:
        """Return the pairs that may reach ``goal`` and have no prices of their own yet."""
        bounds = self._dual.pairs.bounds(self._moment)
        unproved = self._dual.pairs.proved == UNPROVED
        ranked = np.argsort(-bounds, kind="stable")
        left: IntArray = ranked[(unproved & (bounds >= goal))[ranked]]
        return left

    def solutions(self, number: int, target: int, best: Solution | None) -> list[Solution]:
        pairs = self._dual.pairs
        bounds = pairs.bounds(self._moment)
        found = [
            filled(self._problem, pairs.kinds, pairs.images(pair), self._deadline)
            for pair in np.argsort(-bounds, kind="stable")[:_FILLED_PAIRS].tolist()
            if bounds[pair] > target
        ]
        return [solution for solution in found if solution is not None]

    def out(self, goal: int) -> tuple[_BoolArray, _BoolArray]:
        return self._dual.pairs.cannot_reach(self._moment, goal)


class _Prices:
    """The bound with a price on tokens and images, and greedy solutions at such prices."""

    def __init__(self, problem: Problem, known: Solution, deadline: Deadline) -> None:
        self._problem = problem
        self._deadline = deadline
        self._dual = DualSearch(problem, known)
        self._trail: list[Multipliers] = []

    def use(self, problem: Problem) -> None:
        self._problem = problem
        self._dual.use(problem)

    def settled(self) -> bool:
        return True

    def tightened(self, number: int, target: int, goal: int) -> int:
        self._dual.run(_ROUND_STEPS[number], target, goal - 1, self._deadline)
        self._trail.append(self._dual.best_multipliers())
        return lagrangian_bound(self._problem, self._trail[-1])

    def solutions(self, number: int, target: int, best: Solution | None) -> list[Solution]:
        if number == 0:
            return self._of_pictures() + self._of_two_images()
        prices = self._trail[-1]
        token, image = prices.token / FIXED_POINT, prices.image / FIXED_POINT
        built = [
            greedy_images(self._problem, multiple * token, multiple * image, self._deadline)
            for multiple in _PRICE_MULTIPLES[number]
        ]
        found = [solution for solution in (*built, best) if solution is not None]
        if not found:
            return []
        return [exchange_images(self._problem, best_of(self._problem, found), self._deadline)]

    def _of_pictures(self) -> list[Solution]:
        """Return what the search without sheets finds."""
        part = without_sheets(self._problem)
        if part is None:
            return []
        known = [greedy(part.problem, price, deadline=self._deadline) for price in (0.0, math.inf)]
        starts = [solution for solution in known if solution is not None]
        if not starts:
            return []
        search = Narrowing(part.problem, starts, min_images=1, deadline=self._deadline)
        return [part.to_whole(_searched(part.problem, search, self._deadline))]

    def _of_two_images(self) -> list[Solution]:
        """Return the best that two images can do."""
        few = replace(self._problem, max_images=_MAX_PAIRED)
        start = greedy_images(few, 0.0, 0.0, self._deadline)
        if start is None:
            return []
        search = SheetNarrowing(few, [start], self._deadline)
        return [_searched(few, search, self._deadline)]

    def out(self, goal: int) -> tuple[_BoolArray, _BoolArray]:
        options = np.zeros(self._problem.num_options, dtype=bool)
        sheets = np.zeros(len(self._problem.sheets), dtype=bool)
        for prices in self._trail[-2:]:
            options |= cannot_reach(self._problem, prices, goal)
            sheets |= cannot_be_sent(self._problem, prices, goal)
        return options, sheets


def _searched(problem: Problem, search: Narrowing | SheetNarrowing, deadline: Deadline) -> Solution:
    """Return the best solution after all rounds."""
    while not search.exhausted and not deadline.passed():
        target = objective(problem, search.best)
        search.round(target, target + 1 + target // _GOOD_ENOUGH)
        if search.bound <= target + target // _GOOD_ENOUGH:
            break
    return search.best
