"""Local search: add an option, or trade a chosen one for a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.solution import Solution
from budgetfit.search.coverage import preference, room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["exchange"]


def exchange(problem: Problem, start: Solution) -> Solution:
    """Improve ``start`` by single exchanges until none helps; ties go to fewer tokens.

    An exchange takes out nothing or one chosen option and puts in one option that fits, or takes
    out one that explains nothing.
    """
    best = start
    while True:
        neighbours = _best_neighbours(problem, best)
        better = min(neighbours, key=lambda s: preference(problem, s), default=best)
        if preference(problem, better) >= preference(problem, best):
            return best
        best = better


def _best_neighbours(problem: Problem, solution: Solution) -> Iterator[Solution]:
    """Yield the best solution that each possible removal leads to."""
    chosen = np.array(solution.options, dtype=np.int64)
    left = room(problem, solution.prompt) - int(problem.option_num_tokens[chosen].sum())
    first, second, whose = _two_best(problem.values[:, chosen])
    taken = np.isin(problem.option_candidate, problem.option_candidate[chosen])
    if len(chosen) < problem.image_limit:
        added = _best_addition(problem, first, np.flatnonzero(~taken), left)
        if added is not None:
            yield Solution((*solution.options, added), solution.prompt)
    for position, option in enumerate(solution.options):
        others = solution.options[:position] + solution.options[position + 1 :]
        explained = np.where(whose == position, second, first)
        if others and (explained == first).all():
            yield Solution(others, solution.prompt)
        freed = left + int(problem.option_num_tokens[option])
        own = problem.option_candidate == problem.option_candidate[option]
        added = _best_addition(problem, explained, np.flatnonzero(~taken | own), freed)
        if added is not None:
            yield Solution((*others, added), solution.prompt)


def _two_best(values: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return each moment's best and second best value and whose the best is."""
    whose = values.argmax(axis=1)
    moments = np.arange(len(values))
    first = values[moments, whose]
    others = values.copy()
    others[moments, whose] = 0
    second = others.max(axis=1, initial=0)
    return first, second, whose


def _best_addition(
    problem: Problem, explained: IntArray, options: IntArray, left: int
) -> int | None:
    """Return the option that explains most beside ``explained``, the cheapest among equals."""
    options = options[problem.option_num_tokens[options] <= left]
    if not options.size:
        return None
    gain = np.maximum(problem.values[:, options] - explained[:, None], 0).sum(axis=0)
    ties = options[gain == gain.max()]
    return int(ties[np.argmin(problem.option_num_tokens[ties])])
