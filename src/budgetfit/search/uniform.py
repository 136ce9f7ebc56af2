"""What most people send: equal frames at equal distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.validator import violations
from budgetfit.search.coverage import completed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["UNIFORM_COUNTS", "uniform_solution", "uniform_solutions"]

UNIFORM_COUNTS = (1, 2, 4, 8, 16, 32)


def uniform_solution(problem: Problem, num_frames: int) -> Solution | None:
    """Return ``num_frames`` equal candidates at the largest level that fits.

    The video is cut into ``num_frames`` equal parts and the candidate in the middle of each is
    taken; candidates are taken to be in time order and spread evenly from the first frame to the
    last, each with the same levels, cheapest first. Rules are not looked at.

    Returns
    -------
    Solution or None
        None where there are fewer candidates, the image limit forbids it, or nothing fits.
    """
    if num_frames > problem.image_limit:
        return None
    middles = (np.arange(num_frames) + 0.5) / num_frames
    candidates = np.unique(np.rint(middles * (problem.num_candidates - 1)).astype(np.int64))
    if len(candidates) < num_frames:
        return None
    num_levels = problem.num_options // problem.num_candidates
    first = problem.candidate_starts[candidates]
    for level in reversed(range(num_levels)):
        options = first + level
        if int(problem.option_num_tokens[options].sum()) <= problem.max_picture_tokens:
            return completed(problem, options.tolist())
    return None


def uniform_solutions(problem: Problem) -> Iterator[Solution]:
    """Yield the uniform solutions of 1, 2, 4 ... 32 frames that are feasible."""
    for num_frames in UNIFORM_COUNTS:
        solution = uniform_solution(problem, num_frames)
        if solution is not None and not violations(problem, solution):
            yield solution
