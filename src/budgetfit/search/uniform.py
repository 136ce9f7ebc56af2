"""What most people send: equal frames at equal distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.validator import violations
from budgetfit.search.coverage import completed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["UNIFORM_COUNTS", "uniform_solution", "uniform_solutions"]

UNIFORM_COUNTS = (1, 2, 4, 8, 16, 32)


def uniform_solution(
    problem: Problem, num_frames: int, evenly: IntArray | None = None
) -> Solution | None:
    """Return ``num_frames`` equal candidates at the largest level that fits.

    The video is cut into ``num_frames`` equal parts and the candidate in the middle of each is
    taken; where one stands for several middles, it is sent once. Each has the same levels, cheapest
    first. Rules are not looked at.

    Parameters
    ----------
    problem : Problem
        The data.
    num_frames : int
        Equal parts of the video.
    evenly : (num_times,) int array, optional
        The candidate that stands for each of times spread evenly from the beginning of the video to
        its end; by default candidates are taken to be spread evenly.

    Returns
    -------
    Solution or None
        None where there are fewer times, the image limit forbids it, or nothing fits.
    """
    standing = np.arange(problem.num_candidates) if evenly is None else evenly
    middles = (np.arange(num_frames) + 0.5) / num_frames
    times = np.unique(np.rint(middles * (len(standing) - 1)).astype(np.int64))
    if len(times) < num_frames:
        return None
    candidates = np.unique(standing[times])
    if len(candidates) > problem.image_limit:
        return None
    num_levels = problem.num_options // problem.num_candidates
    first = problem.candidate_starts[candidates]
    for level in reversed(range(num_levels)):
        options = first + level
        if int(problem.option_num_tokens[options].sum()) <= problem.max_picture_tokens:
            return completed(problem, options.tolist())
    return None


def uniform_solutions(problem: Problem, evenly: IntArray | None = None) -> Iterator[Solution]:
    """Yield the uniform solutions of 1, 2, 4 ... 32 frames that are feasible."""
    for num_frames in UNIFORM_COUNTS:
        solution = uniform_solution(problem, num_frames, evenly)
        if solution is not None and not violations(problem, solution):
            yield solution
