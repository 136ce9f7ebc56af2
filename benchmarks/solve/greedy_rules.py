"""Two greedy rules by the book: most gain, and most gain per token.

The better of the two is within a constant factor of the optimum (Khuller, Moss and Naor, 1999).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.solve.outcome import Outcome, judge

from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem

__all__ = ["greedy_rule", "solve_greedily"]


def solve_greedily(problem: Problem) -> Outcome:
    """Return the better of the two rules, beside any prompt; it proves nothing about it."""
    began = time.perf_counter()
    found = [
        solution
        for prompt in range(len(problem.prompt_options))
        for per_token in (False, True)
        if (solution := greedy_rule(problem, prompt, per_token)) is not None
    ]
    best = max(found, key=lambda s: evaluate(problem, s).objective_value, default=None)
    return judge(problem, best, None, time.perf_counter() - began)


def greedy_rule(problem: Problem, prompt: int, per_token: bool) -> Solution | None:
    """Take the option that gains most, or most per token, while one fits and gains.

    Returns
    -------
    Solution or None
        None where not even one option fits beside ``prompt``.
    """
    left = problem.max_prompt_tokens - problem.prompt_options[prompt].num_tokens
    explained = np.zeros((problem.num_moments, 1), dtype=np.int64)
    free = np.ones(problem.num_options, dtype=bool)
    chosen: list[int] = []
    while len(chosen) < problem.image_limit:
        options = np.flatnonzero(free & (problem.option_num_tokens <= left))
        if not options.size:
            break
        gain = np.maximum(problem.values[:, options] - explained, 0).sum(axis=0)
        if chosen and not gain.any():
            break
        score = gain / problem.option_num_tokens[options] if per_token else gain
        best = int(options[score.argmax()])
        chosen.append(best)
        left -= int(problem.option_num_tokens[best])
        explained = np.maximum(explained, problem.values[:, [best]])
        free &= problem.option_candidate != problem.option_candidate[best]
    return Solution(tuple(chosen), prompt) if chosen else None
