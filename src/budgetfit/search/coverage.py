"""What a set of options explains, and what single changes to it would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["best_of", "coverage", "objective", "preference", "room"]


def coverage(problem: Problem, options: Sequence[int]) -> IntArray:
    """Return the (num_moments,) value to which ``options`` explain each moment."""
    if not len(options):
        return np.zeros(problem.num_moments, dtype=np.int64)
    best: IntArray = problem.values[:, list(options)].max(axis=1)
    return best


def objective(problem: Problem, solution: Solution) -> int:
    """Return the objective of ``solution``: explained value plus its prompt's value."""
    explained = int(coverage(problem, solution.options).sum())
    return explained + problem.prompt_options[solution.prompt].value


def room(problem: Problem, prompt: int) -> int:
    """Return the tokens left for pictures beside prompt option ``prompt``."""
    return problem.max_prompt_tokens - problem.prompt_options[prompt].num_tokens


def preference(problem: Problem, solution: Solution) -> tuple[int, int, int, tuple[int, ...]]:
    """Rank solutions: smallest first is best.

    More objective, then fewer tokens, then fewer pictures, then earlier options: the order in which
    ties are broken, so that equal input gives equal plans.
    """
    tokens = problem.option_num_tokens[list(solution.options)].sum()
    return (
        -objective(problem, solution),
        int(tokens) + problem.prompt_options[solution.prompt].num_tokens,
        len(solution.options),
        solution.options,
    )


def best_of(problem: Problem, solutions: Iterable[Solution]) -> Solution:
    """Return the preferred one of ``solutions``."""
    return min(solutions, key=lambda solution: preference(problem, solution))
