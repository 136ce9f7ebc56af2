"""Greedy construction: add the option with the best score until nothing fits or helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.solution import Solution
from budgetfit.search.coverage import room

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem

__all__ = ["greedy"]


def greedy(
    problem: Problem, prompt: int, price: float, image_price: float = 0.0
) -> Solution | None:
    """Add options by gain minus price until none has a positive score.

    Parameters
    ----------
    problem : Problem
        The data.
    prompt : int
        Prompt option to build beside.
    price : float
        Value that a token must earn; 0 is the plain greedy, and infinity stands for gain per token,
        the rule with a guarantee for knapsacks (Khuller, Moss and Naor, 1999).
    image_price : float
        Value that a picture must earn beside its tokens.

    Returns
    -------
    Solution or None
        None where not even one option fits.
    """
    values, cost = problem.values, problem.option_num_tokens
    left = room(problem, prompt)
    explained = np.zeros((problem.num_moments, 1), dtype=np.int64)
    free = np.ones(problem.num_options, dtype=bool)
    chosen: list[int] = []
    while len(chosen) < problem.image_limit:
        open_options = np.flatnonzero(free & (cost <= left))
        if not open_options.size:
            break
        gain = np.maximum(values[:, open_options] - explained, 0).sum(axis=0)
        tokens = cost[open_options]
        score = gain / tokens if np.isinf(price) else gain - price * tokens - image_price
        best = int(open_options[_first_best(score, tokens)])
        if chosen and (score.max() <= 0 or gain.max() == 0):
            break
        chosen.append(best)
        left -= int(cost[best])
        explained = np.maximum(explained, values[:, [best]])
        free &= problem.option_candidate != problem.option_candidate[best]
    return Solution(tuple(chosen), prompt) if chosen else None


def _first_best(score: np.ndarray, tokens: np.ndarray) -> int:
    """Return the index of the highest score, the cheapest and then the first among equals."""
    ties = np.flatnonzero(score == score.max())
    return int(ties[np.argmin(tokens[ties])])
