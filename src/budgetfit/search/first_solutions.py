"""Solutions to start from: the best of few pictures, and greedy ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetfit.problem.restriction import without_sheets
from budgetfit.search.deadline import NEVER
from budgetfit.search.greedy import greedy
from budgetfit.search.pairs import best_pair
from budgetfit.search.sheet_greedy import greedy_images

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["first_solutions"]


def first_solutions(problem: Problem, num_few: int, deadline: Deadline) -> list[Solution]:
    """Return feasible solutions; none where rules or a lack of room leave none easily.

    Parameters
    ----------
    problem : Problem
        The data.
    num_few : int
        1 or 2: the best solution of up to so many pictures is among them, unless the time is up.
    deadline : Deadline
        Once it has passed, the first solution that is found is enough.
    """
    found = _of_pictures(problem, num_few, deadline)
    if problem.sheets:
        found.append(greedy_images(problem, 0.0, 0.0, deadline if any(found) else NEVER))
    return [solution for solution in found if solution is not None]


def _of_pictures(problem: Problem, num_few: int, deadline: Deadline) -> list[Solution | None]:
    """Return the best few pictures and the greedy ones, without sheets."""
    part = without_sheets(problem)
    if part is None:
        return []
    pictures = part.problem
    few = replace(pictures, max_images=min(pictures.image_limit, num_few))
    pair = best_pair(few, deadline).solution
    # Where rules leave no such few, one greedy solution is worth waiting for.
    found = [pair, greedy(pictures, 0.0, deadline=NEVER if pair is None else deadline)]
    found.append(greedy(pictures, math.inf, deadline=deadline))
    return [None if solution is None else part.to_whole(solution) for solution in found]
