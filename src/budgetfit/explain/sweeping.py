"""Solving one choice for many rooms: each room goes on from what its neighbours know."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.cells import ENUMERATED_IMAGES
from budgetfit.errors import InfeasibleError
from budgetfit.explain.warm_solving import mean_prices, objective_bound, prices_of, solve_from
from budgetfit.problem.validator import violations
from budgetfit.search.coverage import best_of, completed, image_tokens, objective
from budgetfit.solver import checked_result, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.lagrangian import Multipliers
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result

    SolveAlone = Callable[[int, Sequence[Solution]], Result]

__all__ = ["fitting", "sweep"]

# Prices of a room so many times as large, or as small, are of no use: the solver's own first steps
# lead as far. With few pictures they are of none either, measured on real clips.
_NEAR = 5


def sweep(
    problems: Sequence[Problem],
    limits: SearchLimits,
    *,
    starts: Sequence[Sequence[Solution]] = (),
    bounds: Sequence[int | None] = (),
    solve_alone: SolveAlone | None = None,
) -> list[Result | None]:
    """Solve problems that differ in their room, each to a proved gap.

    The largest room comes first, then the smallest, then ever again the middle of a gap. There the
    mean of the prices of moments, tokens and images on both sides is near this room's own, so that
    a few steps lead to a tight bound (search/lagrangian.py); with it and with the smaller room's
    solution, which still fits, few options can matter. Where the larger room's bound proves that
    solution good enough, nothing is searched.

    Parameters
    ----------
    problems : sequence of Problem
        Of the same options, rules and image limit, by rising ``max_prompt_tokens``; their prompt
        options may differ.
    limits : SearchLimits
        When the search of each stops.
    starts : sequence of sequences of Solution
        For each problem, solutions over its options from elsewhere; none by default.
    bounds : sequence of (int or None)
        For each problem, an upper bound on its objective that is proved elsewhere.
    solve_alone : callable, optional
        Solves the problem of an index from starts, in place of ``solver.solve``, where there is
        more to keep than the problem says.

    Returns
    -------
    list of (Result or None)
        For each problem; None where nothing fits. Of rooms with the same prompt options, no bound
        is above a larger room's and, without ``solve_alone``, no objective below a smaller room's.

    Raises
    ------
    KeyboardInterrupt
        The user interrupts a search.
    """
    search = _Sweep(problems, limits, starts, bounds, solve_alone)
    for index in _halving(len(problems)):
        search.solve(index)
    if solve_alone is None:
        search.hand_up_solutions()
    search.hand_down_bounds()
    return search.results


def fitting(problem: Problem, solutions: Iterable[Solution]) -> list[Solution]:
    """Return those of ``solutions`` whose pictures fit, each with the best prompt beside them."""
    found = [
        completed(problem, solution.options, solution.sheets)
        for solution in solutions
        if image_tokens(problem, solution.options, solution.sheets) <= problem.max_picture_tokens
    ]
    return [solution for solution in found if not violations(problem, solution)]


def _halving(count: int) -> Iterator[int]:
    """Yield the last index, the first, and then the middles of ever smaller gaps."""
    if count:
        yield count - 1
    if count > 1:
        yield 0
    gaps = deque([(0, count - 1)])
    while gaps:
        first, last = gaps.popleft()
        middle = (first + last) // 2
        if last - first > 1:
            yield middle
            gaps += [(first, middle), (middle, last)]


class _Sweep:
    """What is known of each room."""

    def __init__(
        self,
        problems: Sequence[Problem],
        limits: SearchLimits,
        starts: Sequence[Sequence[Solution]],
        bounds: Sequence[int | None],
        solve_alone: SolveAlone | None,
    ) -> None:
        self._problems = problems
        self._limits = limits
        self._starts = starts or [()] * len(problems)
        self._bounds = bounds or [None] * len(problems)
        self._solve_alone = solve_alone
        self._prices: list[Multipliers | None] = [None] * len(problems)
        self.results: list[Result | None] = [None] * len(problems)

    def solve(self, index: int) -> None:
        """Solve one room, from its neighbours where they are solved."""
        below = [result.solution for result in self.results[:index] if result is not None][-1:]
        known = fitting(self._problems[index], [*self._starts[index], *below])
        try:
            result = self._solved(index, known)
        except InfeasibleError:
            return
        if result.interrupted:
            raise KeyboardInterrupt
        self.results[index] = result

    def _solved(self, index: int, known: Sequence[Solution]) -> Result:
        problem = self._problems[index]
        if self._solve_alone is not None:
            return self._solve_alone(index, known)
        if not problem.sheets and _most_pictures(problem) <= ENUMERATED_IMAGES:
            few = replace(problem, max_images=min(problem.image_limit, ENUMERATED_IMAGES))
            return solve(few, self._limits, starts=known)
        prices = self._prices_near(index)
        if prices is None or max((len(s.options) for s in known), default=0) <= ENUMERATED_IMAGES:
            result = solve(problem, self._limits, starts=known)
            if len(result.solution.options) > ENUMERATED_IMAGES:
                self._prices[index] = prices_of(problem, result)
            return result
        bound = self._bound_above(index)
        result, self._prices[index] = solve_from(problem, known, prices, bound, self._limits)
        return result

    def _prices_near(self, index: int) -> Multipliers | None:
        """Return the mean of the prices on both sides, where they are near; None without any."""
        below = [self._prices[i] for i in reversed(range(index)) if self._is_near(i, index)]
        above = [
            self._prices[i] for i in range(index, len(self._prices)) if self._is_near(i, index)
        ]
        sides = [side[0] for side in (below, above) if side]
        near = [prices for prices in sides if prices is not None]
        return mean_prices(near[0], near[-1]) if near else None

    def _is_near(self, index: int, other: int) -> bool:
        """Tell whether a room has prices that are of use to another."""
        rooms = sorted(self._problems[i].max_prompt_tokens for i in (index, other))
        return self._prices[index] is not None and rooms[1] <= _NEAR * rooms[0]

    def _bound_above(self, index: int) -> int:
        """Return the least bound known for a room and larger ones with the same prompt options."""
        problem = self._problems[index]
        known = [problem.total_value + max(prompt.value for prompt in problem.prompt_options)]
        for i in range(index, len(self._problems)):
            larger, result, bound = self._problems[i], self.results[i], self._bounds[i]
            if larger.prompt_options == problem.prompt_options:
                known += [] if bound is None else [bound]
                known += [] if result is None else [objective_bound(larger, result)]
        return min(known)

    def hand_up_solutions(self) -> None:
        """Have no room's solution worth less than a smaller room's."""
        smaller: list[Solution] = []
        for index, (problem, result) in enumerate(zip(self._problems, self.results, strict=True)):
            if result is None:
                continue
            best = best_of(problem, [result.solution, *fitting(problem, smaller)])
            if objective(problem, best) > objective(problem, result.solution):
                bound = max(objective_bound(problem, result), objective(problem, best))
                self.results[index] = checked_result(problem, best, bound, result.proved_by)
                smaller = [best]
            else:
                smaller = [result.solution]

    def hand_down_bounds(self) -> None:
        """Have no bound above that of a larger room with the same prompt options."""
        for index, (problem, result) in enumerate(zip(self._problems, self.results, strict=True)):
            if result is not None:
                chosen = problem.prompt_options[result.solution.prompt]
                beside = self._bound_above(index) - chosen.value
                least = max(min(result.best_bound, beside), result.explained_value)
                self.results[index] = replace(result, best_bound=least)


def _most_pictures(problem: Problem) -> int:
    """Return how many pictures the image limit and the tokens allow at most."""
    cheapest = np.sort(np.minimum.reduceat(problem.option_num_tokens, problem.candidate_starts))
    fit = int(np.searchsorted(np.cumsum(cheapest), problem.max_picture_tokens, side="right"))
    return min(problem.image_limit, fit)
