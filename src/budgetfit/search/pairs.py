"""The exact optimum where at most two pictures may be sent, by enumeration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.solution import Solution
from budgetfit.search.coverage import best_of, room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["best_pair"]


def best_pair(problem: Problem) -> Solution | None:
    """Return an optimal solution of a problem whose ``image_limit`` is at most 2.

    Every pair of options is covered: for an option of the earlier candidate, the partner from a
    later candidate can be taken as the last one that fits where a candidate's options only grow in
    tokens and in every moment's value, and is enumerated where they do not.

    Returns
    -------
    Solution or None
        None where nothing fits.
    """
    grows = _options_grow(problem)
    found = [
        solution
        for prompt in range(len(problem.prompt_options))
        for solution in _best_for_prompt(problem, prompt, grows)
    ]
    return best_of(problem, found) if found else None


def _best_for_prompt(problem: Problem, prompt: int, grows: bool) -> Iterator[Solution]:
    cost, total = problem.option_num_tokens, room(problem, prompt)
    fitting = np.flatnonzero(cost <= total)
    if not fitting.size:
        return
    alone = problem.values[:, fitting].sum(axis=0)
    yield Solution((_cheapest_best(alone, fitting, cost),), prompt)
    if problem.image_limit < 2:
        return
    best_value = int(alone.max())
    first = _not_outdone(problem, fitting, total) if grows else fitting
    for option, most in _by_promise(problem, first, fitting, total):
        if most < best_value:
            break
        partners = _partners(problem, option, total - int(cost[option]), grows)
        if not partners.size:
            continue
        together = np.maximum(problem.values[:, partners], problem.values[:, [option]]).sum(axis=0)
        if int(together.max()) >= best_value:
            best_value = int(together.max())
            yield Solution((option, _cheapest_best(together, partners, cost)), prompt)


def _by_promise(
    problem: Problem, first: IntArray, fitting: IntArray, total: int
) -> list[tuple[int, int]]:
    """Return (option, bound on a pair that has it), the most promising first.

    Two pictures explain at most what each explains alone, added up.
    """
    alone = problem.values.sum(axis=0)
    cost = problem.option_num_tokens
    by_cost = fitting[np.argsort(cost[fitting], kind="stable")]
    most_alone = np.concatenate([[0], np.maximum.accumulate(alone[by_cost])])
    num_fitting = np.searchsorted(cost[by_cost], total - cost[first], side="right")
    most = alone[first] + most_alone[num_fitting]
    order = np.argsort(-most, kind="stable")
    return list(zip(first[order].tolist(), most[order].tolist(), strict=True))


def _not_outdone(problem: Problem, options: IntArray, total: int) -> IntArray:
    """Drop options whose candidate has a larger one that leaves room for the same partners."""
    sizes = np.unique(problem.option_num_tokens)
    partner = np.searchsorted(sizes, total - problem.option_num_tokens[options], side="right")
    candidate = problem.option_candidate[options]
    outdone = np.zeros(len(options), dtype=bool)
    outdone[:-1] = (candidate[1:] == candidate[:-1]) & (partner[1:] == partner[:-1])
    kept: IntArray = options[~outdone]
    return kept


def _partners(problem: Problem, option: int, left: int, grows: bool) -> IntArray:
    """Return the options of later candidates that can be best beside ``option``."""
    candidate = int(problem.option_candidate[option])
    if candidate + 1 == problem.num_candidates:
        return np.empty(0, dtype=np.int64)
    first = int(problem.candidate_starts[candidate + 1])
    fits = problem.option_num_tokens[first:] <= left
    if not grows:
        return np.flatnonzero(fits) + first
    starts = problem.candidate_starts[candidate + 1 :] - first
    count = np.add.reduceat(fits.astype(np.int64), starts)
    last: IntArray = (starts + count - 1)[count > 0] + first
    return last


def _options_grow(problem: Problem) -> bool:
    """Tell whether, within each candidate, later options cost more and explain no less."""
    same = np.diff(problem.option_candidate) == 0
    costs_more = np.diff(problem.option_num_tokens) > 0
    explains_no_less = (np.diff(problem.values, axis=1) >= 0).all(axis=0)
    return bool((costs_more & explains_no_less)[same].all())


def _cheapest_best(value: IntArray, options: IntArray, cost: IntArray) -> int:
    ties = options[value == value.max()]
    return int(ties[np.argmin(cost[ties])])
