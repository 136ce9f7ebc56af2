"""Local search that trades two neighbouring pictures for the best two."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.search.coverage import coverage, preference, room
from budgetfit.search.exchange import exchange
from budgetfit.search.pairs import best_pair

__all__ = ["exchange_pairs"]

_ALL_PAIRS_UP_TO = 8


def exchange_pairs(problem: Problem, start: Solution) -> Solution:
    """Improve ``start`` by exchanging pairs of neighbours in time, and then single options.

    What single exchanges cannot do, because it needs room first: two middling pictures for a large
    and a small one, or one picture moved together with its neighbour.
    """
    best, failed = start, 0
    pairs = _pairs(best)
    while failed < len(pairs):
        pair = pairs.pop(0)
        better = _refilled(problem, best, pair)
        if preference(problem, better) < preference(problem, best):
            best, failed = exchange(problem, better), 0
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


def _refilled(problem: Problem, solution: Solution, pair: tuple[int, int]) -> Solution:
    """Take out the options at the positions ``pair``; put in the best pair."""
    kept = tuple(o for position, o in enumerate(solution.options) if position not in pair)
    taken = np.isin(problem.option_candidate, problem.option_candidate[list(kept)])
    free = np.flatnonzero(~taken)
    explained = coverage(problem, kept)
    values = np.maximum(problem.values[:, free] - explained[:, None], 0)
    _, candidate = np.unique(problem.option_candidate[free], return_inverse=True)
    left = room(problem, solution.prompt) - int(problem.option_num_tokens[list(kept)].sum())
    best = best_pair(
        Problem(
            values=values,
            option_candidate=candidate,
            option_num_tokens=problem.option_num_tokens[free],
            prompt_options=(PromptOption(0),),
            max_prompt_tokens=left,
            max_images=2,
            total_value=problem.total_value,
        )
    )
    if best is None:
        raise RuntimeError("the pair that was taken out no longer fits")
    return Solution((*kept, *free[list(best.options)].tolist()), solution.prompt)
