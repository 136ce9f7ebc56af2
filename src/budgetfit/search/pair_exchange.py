"""Local search that trades two neighbouring pictures for the best two."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.restriction import restrict
from budgetfit.search.coverage import completed, coverage, objective, preference
from budgetfit.search.deadline import NEVER
from budgetfit.search.exchange import exchange
from budgetfit.search.pairs import best_pair

if TYPE_CHECKING:
    from budgetfit.problem.problem import CountRule, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["exchange_pairs", "less_counted"]

_ALL_PAIRS_UP_TO = 8


def exchange_pairs(
    problem: Problem, start: Solution, enough: float = math.inf, deadline: Deadline = NEVER
) -> Solution:
    """Improve ``start`` by exchanging pairs of neighbours in time, and then single options.

    What single exchanges cannot do, because it needs room first: two middling pictures for a large
    and a small one, or one picture moved together with its neighbour. It ends where the objective
    is ``enough``, where no exchange helps, or when the time is up.
    """
    best, failed = exchange(problem, start, deadline), 0
    pairs = _pairs(best)
    while failed < len(pairs) and objective(problem, best) < enough and not deadline.passed():
        pair = pairs.pop(0)
        better = _refilled(problem, best, pair, deadline)
        if preference(problem, better) < preference(problem, best):
            best, failed = exchange(problem, better, deadline), 0
            # Go on behind the place that changed.
            pairs = _pairs(best)
            turn = sum(other <= pair for other in pairs)
            pairs = pairs[turn:] + pairs[:turn]
        else:
            pairs.append(pair)
            failed += 1
    return best


def _pairs(solution: Solution) -> list[tuple[int, int]]:
    """Return positions of pairs in the solution: all of a few, else neighbours."""
    count = len(solution.options)
    if count <= _ALL_PAIRS_UP_TO:
        return list(combinations(range(count), 2))
    return list(pairwise(range(count)))


def _refilled(
    problem: Problem, solution: Solution, pair: tuple[int, int], deadline: Deadline
) -> Solution:
    """Take out the options at the positions ``pair``; put in the best one or two that fit."""
    kept = tuple(o for position, o in enumerate(solution.options) if position not in pair)
    taken = np.isin(problem.option_candidate, problem.option_candidate[list(kept)])
    if problem.option_level is not None and kept:
        taken |= problem.option_level != problem.option_level[kept[0]]
    rest = restrict(problem, ~taken)
    best, _, complete = best_pair(_beside(problem, rest.problem, kept), deadline)
    if best is None and not complete:
        return solution
    if best is None:
        raise RuntimeError("the pair that was taken out no longer fits")
    return completed(problem, (*kept, *rest.to_whole(best).options))


def _beside(problem: Problem, rest: Problem, kept: tuple[int, ...]) -> Problem:
    """Return ``rest`` with what ``kept`` explains, costs and counts taken off.

    Moments of which nothing is left to explain, which are most of them, are left out.
    """
    values = rest.values - coverage(problem, kept)[:, None]
    np.maximum(values, 0, out=values)
    counts = problem.rule_counts[:, list(kept)].sum(axis=1).tolist()
    return replace(
        rest,
        values=values[values.any(axis=1)],
        max_prompt_tokens=problem.max_prompt_tokens
        - int(problem.option_num_tokens[list(kept)].sum()),
        max_images=2,
        rules=tuple(
            less_counted(rule, count) for rule, count in zip(rest.rules, counts, strict=True)
        ),
    )


def less_counted(rule: CountRule, count: int) -> CountRule:
    """Return what ``rule`` still demands where ``count`` options that count are chosen."""
    maximum = None if rule.maximum is None else rule.maximum - count
    return replace(rule, minimum=max(rule.minimum - count, 0), maximum=maximum)
