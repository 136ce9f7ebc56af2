"""Local search that trades two images, sheets or pictures, for the best two."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.images import images_of
from budgetfit.problem.restriction import restrict
from budgetfit.search.coverage import best_of, completed, coverage, image_tokens, preference
from budgetfit.search.deadline import NEVER
from budgetfit.search.pair_dual import PairDual
from budgetfit.search.pair_exchange import less_counted
from budgetfit.search.sheet_filling import filled

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.restriction import Restriction
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["exchange_images"]

_ALL_PAIRS_UP_TO = 4

# What the rest of a solution leaves to explain is little: few steps and fillings suffice.
_STEPS = 30
_FILLED = 4


def exchange_images(problem: Problem, start: Solution, deadline: Deadline = NEVER) -> Solution:
    """Improve ``start`` by taking two of its images out and putting the best two in.

    It ends where no exchange helps, or when the time is up.
    """
    best, failed = start, 0
    pairs = _pairs(len(images_of(problem, best)))
    while failed < len(pairs) and not deadline.passed():
        pair = pairs.pop(0)
        better = _refilled(problem, best, pair, deadline)
        if preference(problem, better) < preference(problem, best):
            best, failed = better, 0
            pairs = _pairs(len(images_of(problem, best)))
        else:
            pairs.append(pair)
            failed += 1
    return best


def _pairs(count: int) -> list[tuple[int, int]]:
    if count == 1:
        return [(0, 0)]
    positions = range(count)
    return list(combinations(positions, 2) if count <= _ALL_PAIRS_UP_TO else pairwise(positions))


def _refilled(
    problem: Problem, solution: Solution, pair: tuple[int, int], deadline: Deadline
) -> Solution:
    """Take out the images at the positions ``pair``; put in the best one or two that fit."""
    images = images_of(problem, solution)
    kept = [image for position, image in enumerate(images) if position not in pair]
    options = tuple(option for image in kept for option in image.options)
    sheets = tuple(image.sheet for image in kept if image.sheet is not None)
    taken = np.isin(problem.option_candidate, problem.option_candidate[list(options)])
    rest = restrict(problem, ~taken)
    limit = min(2, problem.image_limit - len(kept))
    beside = _beside(problem, rest, options, sheets, limit)
    dual = PairDual(beside, 0.5 * beside.values.max(axis=1))
    dual.run(_STEPS, 0, 0, deadline)
    bounds = dual.pairs.bounds(dual.best_moment())
    found = [
        filled(beside, dual.pairs.kinds, dual.pairs.images(pair), deadline)
        for pair in np.argsort(-bounds, kind="stable")[:_FILLED].tolist()
    ]
    whole = [rest.to_whole(solution) for solution in found if solution is not None]
    return best_of(
        problem,
        [
            solution,
            *(completed(problem, (*options, *s.options), (*sheets, *s.sheets)) for s in whole),
        ],
    )


def _beside(
    problem: Problem,
    rest: Restriction,
    options: tuple[int, ...],
    sheets: tuple[int, ...],
    max_images: int,
) -> Problem:
    """Return the rest of ``problem`` with what is kept taken off: coverage, tokens, counts."""
    counts = problem.rule_counts[:, list(options)].sum(axis=1).tolist()
    return replace(
        rest.problem,
        values=np.maximum(rest.problem.values - coverage(problem, options)[:, None], 0),
        max_prompt_tokens=problem.max_prompt_tokens - image_tokens(problem, options, sheets),
        max_images=max_images,
        rules=tuple(
            less_counted(rule, count)
            for rule, count in zip(rest.problem.rules, counts, strict=True)
        ),
    )
