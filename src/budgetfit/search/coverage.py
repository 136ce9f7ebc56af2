"""What a set of options explains, what text fits beside it, and which solution is preferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from budgetfit.problem.problem import IntArray, Problem

__all__ = [
    "best_of",
    "completed",
    "coverage",
    "image_tokens",
    "keeps_rules",
    "most_conceivable",
    "objective",
    "preference",
    "text_value",
]


def coverage(problem: Problem, options: Sequence[int]) -> IntArray:
    """Return the (num_moments,) value to which ``options`` explain each moment."""
    if not len(options):
        return np.zeros(problem.num_moments, dtype=np.int64)
    best: IntArray = problem.values[:, list(options)].max(axis=1)
    return best


def most_conceivable(problem: Problem) -> int:
    """Return what all options and the best text together would be worth: no solution has more."""
    return int(problem.values.max(axis=1, initial=0).sum()) + int(problem.text_steps[1][-1])


def text_value(problem: Problem, picture_tokens: IntArray) -> IntArray:
    """Return the value of the best prompt option beside so many tokens of pictures.

    Parameters
    ----------
    problem : Problem
        The data.
    picture_tokens : int array
        At most ``problem.max_picture_tokens`` each.
    """
    tokens, values, _ = problem.text_steps
    left = problem.max_prompt_tokens - picture_tokens
    found: IntArray = values[np.searchsorted(tokens, left, side="right") - 1]
    return found


def image_tokens(problem: Problem, options: Iterable[int], sheets: Iterable[int] = ()) -> int:
    """Return the tokens of pictures and sheets."""
    pictures = int(problem.option_num_tokens[list(options)].sum())
    return pictures + sum(problem.sheets[sheet].num_tokens for sheet in sheets)


def completed(problem: Problem, options: Iterable[int], sheets: Iterable[int] = ()) -> Solution:
    """Return ``options``, tiles on ``sheets``, with the best prompt option beside them."""
    chosen, on = tuple(options), tuple(sheets)
    tokens, _, index = problem.text_steps
    left = problem.max_prompt_tokens - image_tokens(problem, chosen, on)
    return Solution(chosen, int(index[np.searchsorted(tokens, left, side="right") - 1]), on)


def objective(problem: Problem, solution: Solution) -> int:
    """Return the objective of ``solution``: explained value plus its prompt's value."""
    explained = int(coverage(problem, solution.options).sum())
    return explained + problem.prompt_options[solution.prompt].value


def keeps_rules(problem: Problem, counts: IntArray) -> npt.NDArray[np.bool_]:
    """Tell which columns of ``counts`` (num_rules, n) are within every rule's limits."""
    least, most = problem.rule_limits
    within = (counts >= least[:, None]) & (counts <= most[:, None])
    return np.asarray(within.all(axis=0))


def preference(
    problem: Problem, solution: Solution
) -> tuple[int, int, int, int, tuple[int, ...], tuple[int, ...]]:
    """Rank solutions: smallest first is best.

    More objective, then fewer tokens, then fewer sheets, then fewer frames, then earlier options
    and sheets: the order in which ties are broken, so that equal input gives equal plans.
    """
    tokens = image_tokens(problem, solution.options, solution.sheets)
    return (
        -objective(problem, solution),
        tokens + problem.prompt_options[solution.prompt].num_tokens,
        len(solution.sheets),
        len(solution.options),
        solution.options,
        solution.sheets,
    )


def best_of(problem: Problem, solutions: Iterable[Solution]) -> Solution:
    """Return the preferred one of ``solutions``."""
    return min(solutions, key=lambda solution: preference(problem, solution))
