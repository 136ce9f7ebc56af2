"""The exact optimum of at most two pictures, by enumeration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from budgetfit.search.coverage import best_of, completed, keeps_rules, text_value
from budgetfit.search.deadline import NEVER

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["BestPair", "best_pair"]


class BestPair(NamedTuple):
    """What was found.

    Attributes
    ----------
    solution : Solution or None
        The best solution that was looked at; None where none of them is feasible.
    bound : int
        No solution is worth more.
    complete : bool
        Every solution was looked at, or cannot be better.
    """

    solution: Solution | None
    bound: int
    complete: bool


def best_pair(problem: Problem, deadline: Deadline = NEVER) -> BestPair:
    """Look for a best solution of one or, where ``image_limit`` allows, two pictures.

    Every pair of options is covered. Where nothing but tokens tells the levels of a candidate
    apart, the partner of an option can be taken as the last one that fits; and pairs that could not
    beat the best one found are passed over, since two pictures explain at most what each explains
    alone, added up. The most promising go first, so that what is left has a bound at any time.
    """
    cost, total = problem.option_num_tokens, problem.max_picture_tokens
    fitting = np.flatnonzero(cost <= total)
    alone = problem.values.sum(axis=0)
    found: list[tuple[int, ...]] = []
    best, left = -1, -1
    single = fitting[keeps_rules(problem, problem.rule_counts[:, fitting])]
    if single.size:
        worth = alone[single] + text_value(problem, cost[single])
        best = int(worth.max())
        found.append((_cheapest_best(worth, single, cost),))
    paired = problem.image_limit >= 2 and fitting.size > 0
    alike = paired and _levels_differ_in_tokens_only(problem)
    first = _not_outdone(problem, fitting, total) if alike else fitting
    by_option = problem.values.T
    if paired:
        # What a few options explain then lies together.
        by_option = np.ascontiguousarray(by_option)
    for option, most in _by_promise(problem, first, fitting, alone) if paired else ():
        if most < best:
            break
        if deadline.passed():
            left = most
            break
        partners = _partners(problem, option, total - int(cost[option]), last_only=alike)
        partners = partners[_may_stand_beside(problem, option, partners)]
        if not partners.size:
            continue
        worth = np.maximum(by_option.take(partners, axis=0), by_option[option]).sum(axis=1)
        worth += text_value(problem, int(cost[option]) + cost[partners])
        if int(worth.max()) >= best:
            best = int(worth.max())
            found.append((option, _cheapest_best(worth, partners, cost)))
    solution = best_of(problem, [completed(problem, pair) for pair in found]) if found else None
    return BestPair(solution, max(best, left), complete=left < 0)


def _levels_differ_in_tokens_only(problem: Problem) -> bool:
    """Tell whether a candidate's later options cost more, explain no less, and are else alike."""
    if len(problem.text_steps[0]) > 1 or problem.option_level is not None:
        return False
    same = np.diff(problem.option_candidate) == 0
    costs_more = np.diff(problem.option_num_tokens) > 0
    explains_no_less = (np.diff(problem.values, axis=1) >= 0).all(axis=0)
    counts_alike = (np.diff(problem.rule_counts, axis=1) == 0).all(axis=0)
    return bool((costs_more & explains_no_less & counts_alike)[same].all())


def _not_outdone(problem: Problem, options: IntArray, total: int) -> IntArray:
    """Drop options whose candidate has a larger one that leaves room for the same partners."""
    sizes = np.unique(problem.option_num_tokens)
    partner = np.searchsorted(sizes, total - problem.option_num_tokens[options], side="right")
    candidate = problem.option_candidate[options]
    outdone = np.zeros(len(options), dtype=bool)
    outdone[:-1] = (candidate[1:] == candidate[:-1]) & (partner[1:] == partner[:-1])
    kept: IntArray = options[~outdone]
    return kept


def _by_promise(
    problem: Problem, first: IntArray, fitting: IntArray, alone: IntArray
) -> list[tuple[int, int]]:
    """Return (option, bound on a pair that has it), the most promising first."""
    cost = problem.option_num_tokens
    by_cost = fitting[np.argsort(cost[fitting], kind="stable")]
    most_alone = np.concatenate([[0], np.maximum.accumulate(alone[by_cost])])
    left = problem.max_picture_tokens - cost[first]
    num_fitting = np.searchsorted(cost[by_cost], left, side="right")
    most = alone[first] + most_alone[num_fitting] + text_value(problem, cost[first])
    order = np.argsort(-most, kind="stable")
    return list(zip(first[order].tolist(), most[order].tolist(), strict=True))


def _partners(problem: Problem, option: int, left: int, *, last_only: bool) -> IntArray:
    """Return the options of later candidates that can be best beside ``option``."""
    candidate = int(problem.option_candidate[option])
    if candidate + 1 == problem.num_candidates:
        return np.empty(0, dtype=np.int64)
    first = int(problem.candidate_starts[candidate + 1])
    fits = problem.option_num_tokens[first:] <= left
    if not last_only:
        return np.flatnonzero(fits) + first
    starts = problem.candidate_starts[candidate + 1 :] - first
    count = np.add.reduceat(fits.astype(np.int64), starts)
    last: IntArray = (starts + count - 1)[count > 0] + first
    return last


def _may_stand_beside(problem: Problem, option: int, partners: IntArray) -> IntArray:
    """Return the positions of the ``partners`` that keep the rules beside ``option``."""
    counts = problem.rule_counts[:, [option]] + problem.rule_counts[:, partners]
    kept = keeps_rules(problem, counts)
    if problem.option_level is not None:
        kept &= problem.option_level[partners] == problem.option_level[option]
    return np.flatnonzero(kept)


def _cheapest_best(value: IntArray, options: IntArray, cost: IntArray) -> int:
    ties = options[value == value.max()]
    return int(ties[np.argmin(cost[ties])])
