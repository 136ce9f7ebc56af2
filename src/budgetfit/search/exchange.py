"""Local search: add an option, or trade a chosen one for a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.search.coverage import completed, keeps_rules, preference, text_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["exchange"]


def exchange(problem: Problem, start: Solution) -> Solution:
    """Improve ``start`` by single exchanges until none helps; ties go to fewer tokens.

    An exchange takes out nothing or one chosen option and puts in nothing or one option that fits
    and keeps the rules; the best text beside it goes along.
    """
    best = completed(problem, start.options)
    while True:
        neighbours = _best_neighbours(problem, best)
        better = min(neighbours, key=lambda s: preference(problem, s), default=best)
        if preference(problem, better) >= preference(problem, best):
            return best
        best = better


def _best_neighbours(problem: Problem, solution: Solution) -> Iterator[Solution]:
    """Yield the best solution that each possible removal leads to."""
    chosen = np.array(solution.options, dtype=np.int64)
    used = int(problem.option_num_tokens[chosen].sum())
    first, second, whose = _two_best(problem.values[:, chosen])
    taken = np.isin(problem.option_candidate, problem.option_candidate[chosen])
    counts = problem.rule_counts[:, chosen].sum(axis=1)
    if len(chosen) < problem.image_limit:
        free = _of_level(problem, np.flatnonzero(~taken), chosen)
        added = _best_addition(problem, first, free, used, counts)
        if added is not None:
            yield completed(problem, (*solution.options, added))
    for position, option in enumerate(solution.options):
        others = solution.options[:position] + solution.options[position + 1 :]
        explained = np.where(whose == position, second, first)
        fewer = counts - problem.rule_counts[:, option]
        if others and keeps_rules(problem, fewer[:, None]).all():
            yield completed(problem, others)
        own = problem.option_candidate == problem.option_candidate[option]
        free = _of_level(problem, np.flatnonzero(~taken | own), np.array(others, dtype=np.int64))
        left = used - int(problem.option_num_tokens[option])
        added = _best_addition(problem, explained, free, left, fewer)
        if added is not None:
            yield completed(problem, (*others, added))


def _two_best(values: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return each moment's best and second best value and whose the best is."""
    whose = values.argmax(axis=1)
    moments = np.arange(len(values))
    first = values[moments, whose]
    others = values.copy()
    others[moments, whose] = 0
    second = others.max(axis=1, initial=0)
    return first, second, whose


def _of_level(problem: Problem, options: IntArray, chosen: IntArray) -> IntArray:
    """Return the ``options`` that may stand beside ``chosen`` where one level is demanded."""
    if problem.option_level is None or not chosen.size:
        return options
    kept: IntArray = options[problem.option_level[options] == problem.option_level[chosen[0]]]
    return kept


def _best_addition(
    problem: Problem, explained: IntArray, options: IntArray, used: int, counts: IntArray
) -> int | None:
    """Return the option that brings most beside ``explained``, the cheapest among equals."""
    cost = problem.option_num_tokens
    options = options[cost[options] <= problem.max_picture_tokens - used]
    if problem.rules:
        kept = keeps_rules(problem, counts[:, None] + problem.rule_counts[:, options])
        options = options[kept]
    if not options.size:
        return None
    gain = np.maximum(problem.values[:, options] - explained[:, None], 0).sum(axis=0)
    gain += text_value(problem, used + cost[options])
    ties = options[gain == gain.max()]
    return int(ties[np.argmin(cost[ties])])
