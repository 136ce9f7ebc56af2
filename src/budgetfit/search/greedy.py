"""Greedy construction: add the option with the best score until nothing fits or helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import completed, keeps_rules, text_value
from budgetfit.search.deadline import NEVER
from budgetfit.search.gains import Gains

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["greedy"]


def greedy(
    problem: Problem, price: float, image_price: float = 0.0, deadline: Deadline = NEVER
) -> Solution | None:
    """Add options by gain minus price until none has a positive score.

    Options that a rule still demands go first. What text an option would push out counts against
    its gain.

    Parameters
    ----------
    problem : Problem
        The data.
    price : float
        Value that a token must earn; 0 is the plain greedy, and infinity stands for gain per token,
        the rule with a guarantee for knapsacks (Khuller, Moss and Naor, 1999).
    image_price : float
        Value that a picture must earn beside its tokens.
    deadline : Deadline, optional
        Where it passes, nothing is added any more.

    Returns
    -------
    Solution or None
        None where it ends without keeping the rules, or nothing fits.
    """
    cost, most = problem.option_num_tokens, problem.rule_limits[1]
    gains = Gains(problem)
    free = np.ones(problem.num_options, dtype=bool)
    counts = np.zeros((len(problem.rules), 1), dtype=np.int64)
    chosen: list[int] = []
    used = 0
    while len(chosen) < problem.image_limit and not deadline.passed():
        within = (counts + problem.rule_counts <= most[:, None]).all(axis=0)
        fits = free & within & (cost <= problem.max_picture_tokens - used)
        demanded = _demanded(problem, counts) & fits
        options = np.flatnonzero(demanded if demanded.any() else fits)
        if not options.size:
            break
        gain = gains.gain[options]
        gain += text_value(problem, used + cost[options]) - text_value(problem, np.array(used))
        score = _score(gain, cost[options], price, image_price)
        if chosen and not demanded.any() and (score.max() <= 0 or gain.max() <= 0):
            break
        best = int(options[_first_best(score, cost[options])])
        chosen.append(best)
        used += int(cost[best])
        gains.move_to(np.maximum(gains.explained, problem.values[:, best]))
        counts = counts + problem.rule_counts[:, [best]]
        free &= problem.option_candidate != problem.option_candidate[best]
        if problem.option_level is not None:
            free &= problem.option_level == problem.option_level[best]
    if not chosen or not keeps_rules(problem, counts).all():
        return None
    return completed(problem, chosen)


def _demanded(problem: Problem, counts: IntArray) -> npt.NDArray[np.bool_]:
    """Tell which options count for a rule that has too few."""
    short = counts[:, 0] < problem.rule_limits[0]
    return np.asarray((problem.rule_counts[short] > 0).any(axis=0))


def _score(
    gain: IntArray, tokens: IntArray, price: float, image_price: float
) -> npt.NDArray[np.float64]:
    score: npt.NDArray[np.float64] = (
        gain / tokens if np.isinf(price) else gain - price * tokens - image_price
    )
    return score


def _first_best(score: npt.NDArray[np.float64], tokens: IntArray) -> int:
    """Return the index of the highest score, the cheapest and then the first among equals."""
    ties = np.flatnonzero(score == score.max())
    return int(ties[np.argmin(tokens[ties])])
