"""Local search: add an option, or trade one or two chosen options for better ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.problem.solution import Solution
from budgetfit.search.coverage import coverage, preference, room

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["exchange"]


def exchange(problem: Problem, start: Solution) -> Solution:
    """Improve ``start`` by single exchanges until none helps; ties go to fewer tokens.

    An exchange takes out nothing or one chosen option and puts in one option that fits, or takes
    out one that explains nothing.
    """
    best = start
    while True:
        better = _best_neighbour(problem, best)
        if preference(problem, better) >= preference(problem, best):
            return best
        best = better


@dataclass(frozen=True, slots=True)
class _Rest:
    """A solution with one option taken out."""

    options: tuple[int, ...]
    explained: IntArray
    left: int


def _best_neighbour(problem: Problem, solution: Solution) -> Solution:
    found = solution
    for rest in _rests(problem, solution):
        if rest.options and len(rest.options) < len(solution.options):
            found = min(
                found, Solution(rest.options, solution.prompt), key=lambda s: preference(problem, s)
            )
        if len(rest.options) == problem.image_limit:
            continue
        option = _best_addition(problem, rest)
        if option is not None:
            changed = Solution((*rest.options, option), solution.prompt)
            found = min(found, changed, key=lambda s: preference(problem, s))
    return found


def _rests(problem: Problem, solution: Solution) -> list[_Rest]:
    chosen = solution.options
    kept = [chosen] + [chosen[:k] + chosen[k + 1 :] for k in range(len(chosen))]
    total = room(problem, solution.prompt)
    return [
        _Rest(
            options,
            coverage(problem, options),
            total - int(problem.option_num_tokens[list(options)].sum()),
        )
        for options in kept
    ]


def _best_addition(problem: Problem, rest: _Rest) -> int | None:
    fits: npt.NDArray[np.bool_] = problem.option_num_tokens <= rest.left
    taken = problem.option_candidate[list(rest.options)]
    fits &= ~np.isin(problem.option_candidate, taken)
    options = np.flatnonzero(fits)
    if not options.size:
        return None
    value = np.maximum(problem.values[:, options], rest.explained[:, None]).sum(axis=0)
    ties = options[value == value.max()]
    return int(ties[np.argmin(problem.option_num_tokens[ties])])
