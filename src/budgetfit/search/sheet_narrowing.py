"""Local search and a bound in turns where images may be sheets, over ever fewer of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.problem.restriction import Restriction, restrict
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Multipliers,
    cannot_be_sent,
    cannot_reach,
    lagrangian_bound,
)
from budgetfit.search.sheet_filling import filled, frames_exchanged
from budgetfit.search.sheet_greedy import greedy_images
from budgetfit.search.sheet_pairs import PairDual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["SheetNarrowing"]

_BoolArray = npt.NDArray[np.bool_]

# Subgradient steps of each round; after the last round the search is exhausted.
_ROUND_STEPS = (60, 60, 100, 150)

# Multiples of the bound's own prices at which greedy is run, a few each round.
_PRICE_MULTIPLES = ((0.6, 1.0), (0.8, 1.2), (0.4, 0.9), (0.0, 1.5))

# Of the pairs of images that promise the most, so many are filled each round.
_FILLED_PAIRS = 16

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

    def __init__(self, problem: Problem, known: Sequence[Solution]) -> None:
        self.best = best_of(problem, known)
        self.bound = problem.total_value + max(p.value for p in problem.prompt_options)
        self._whole = problem
        self._round = 0
        self._rest: Restriction | None = restrict(problem, np.ones(problem.num_options, dtype=bool))
        self._side: _Pairs | _Prices = (
            _Pairs(problem, self.best)
            if problem.image_limit <= _MAX_PAIRED
            else _Prices(problem, self.best)
        )

    @property
    def exhausted(self) -> bool:
        """Whether further rounds would bring nothing."""
        return self._round == len(_ROUND_STEPS)

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
            self._round = len(_ROUND_STEPS)
            return
        bound = self._side.tightened(_ROUND_STEPS[self._round], target, goal - 1)
        self.bound = min(self.bound, max(bound, target))
        if self.bound >= goal:
            found = self._side.solutions(self._round, target)
            whole = [self._rest.to_whole(solution) for solution in found]
            self.best = best_of(self._whole, [self.best, *whole])
            self._narrow(max(target, objective(self._whole, self.best)))
        self._round += 1

    def still_open(self, goal: int) -> Restriction | None:
        """Return what a solution worth ``goal`` or more may have; None if nothing is left."""
        if self._rest is None:
            return None
        options_out, sheets_out = self._side.out(goal)
        return self._rest.narrowed(~options_out, ~sheets_out) if not options_out.all() else None

    def improved(self, solution: Solution) -> Solution:
        """Return ``solution`` after exchanges of frames among the options that are left."""
        here = None if self._rest is None else self._rest.from_whole(solution)
        if self._rest is None or here is None:
            return solution
        return self._rest.to_whole(frames_exchanged(self._rest.problem, here))

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

    def __init__(self, problem: Problem, known: Solution) -> None:
        self._problem = problem
        self._dual = PairDual(problem, known)
        self._trail: list[IntArray] = []

    def use(self, problem: Problem) -> None:
        self._problem = problem
        self._dual.use(problem)

    def tightened(self, num_steps: int, target: int, stop_at: int) -> int:
        self._dual.run(num_steps, target, stop_at)
        moment = self._dual.best_moment()
        self._trail.append(moment)
        pairs = self._dual.pairs
        return int(pairs.worth(moment, pairs.surplus(moment)).max())

    def solutions(self, number: int, target: int) -> list[Solution]:
        pairs, moment = self._dual.pairs, self._trail[-1]
        worth = pairs.worth(moment, pairs.surplus(moment))
        found: list[Solution | None] = []
        for pair in np.argsort(-worth, kind="stable")[:_FILLED_PAIRS].tolist():
            if worth[pair] > target:
                images = (int(pairs.first[pair]), int(pairs.second[pair]))
                images_sent = [image for image in images if image >= 0]
                found.append(filled(self._problem, pairs.kinds, images_sent))
        return [solution for solution in found if solution is not None]

    def out(self, goal: int) -> tuple[_BoolArray, _BoolArray]:
        options = np.zeros(self._problem.num_options, dtype=bool)
        sheets = np.zeros(len(self._problem.sheets), dtype=bool)
        for moment in self._trail[-2:]:
            options_out, sheets_out = self._dual.pairs.cannot_reach(moment, goal)
            options |= options_out
            sheets |= sheets_out
        return options, sheets


class _Prices:
    """The bound with a price on tokens and images, and greedy solutions at such prices."""

    def __init__(self, problem: Problem, known: Solution) -> None:
        self._problem = problem
        self._dual = DualSearch(problem, known)
        self._trail: list[Multipliers] = []

    def use(self, problem: Problem) -> None:
        self._problem = problem
        self._dual.use(problem)

    def tightened(self, num_steps: int, target: int, stop_at: int) -> int:
        self._dual.run(num_steps, target, stop_at)
        self._trail.append(self._dual.best_multipliers())
        return lagrangian_bound(self._problem, self._trail[-1])

    def solutions(self, number: int, target: int) -> list[Solution]:
        prices = self._trail[-1]
        token, image = prices.token / FIXED_POINT, prices.image / FIXED_POINT
        found = [
            greedy_images(self._problem, multiple * token, multiple * image)
            for multiple in _PRICE_MULTIPLES[number]
        ]
        return [solution for solution in found if solution is not None]

    def out(self, goal: int) -> tuple[_BoolArray, _BoolArray]:
        options = np.zeros(self._problem.num_options, dtype=bool)
        sheets = np.zeros(len(self._problem.sheets), dtype=bool)
        for prices in self._trail[-2:]:
            options |= cannot_reach(self._problem, prices, goal)
            sheets |= cannot_be_sent(self._problem, prices, goal)
        return options, sheets
