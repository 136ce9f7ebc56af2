"""A problem with some of its options left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from budgetfit.problem.problem import CountRule, IntArray, Problem
from budgetfit.problem.solution import Solution

__all__ = ["Restriction", "restrict"]


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """A smaller problem and its place in the whole one.

    Attributes
    ----------
    problem : Problem
        The smaller problem.
    options : (num_kept,) int64 array
        For each of its options, the option of the whole problem.
    """

    problem: Problem
    options: IntArray

    def narrowed(self, keep: npt.NDArray[np.bool_]) -> Restriction:
        """Return this restriction with only the options where ``keep`` is true."""
        smaller = restrict(self.problem, keep)
        return Restriction(smaller.problem, self.options[smaller.options])

    def to_whole(self, solution: Solution) -> Solution:
        """Return ``solution`` of the smaller problem in the whole problem's options."""
        return Solution(tuple(self.options[list(solution.options)].tolist()), solution.prompt)

    def from_whole(self, solution: Solution) -> Solution | None:
        """Return ``solution`` of the whole problem in the smaller one's options, if it is there."""
        position = np.searchsorted(self.options, solution.options)
        position = np.minimum(position, len(self.options) - 1)
        if (self.options[position] != solution.options).any():
            return None
        return Solution(tuple(position.tolist()), solution.prompt)


def restrict(problem: Problem, keep: npt.NDArray[np.bool_]) -> Restriction:
    """Return ``problem`` with only the options where ``keep`` (num_options,) is true."""
    options = np.flatnonzero(keep)
    _, candidate = np.unique(problem.option_candidate[options], return_inverse=True)
    smaller = Problem(
        values=problem.values[:, options],
        option_candidate=candidate,
        option_num_tokens=problem.option_num_tokens[options],
        prompt_options=problem.prompt_options,
        max_prompt_tokens=problem.max_prompt_tokens,
        max_images=problem.max_images,
        total_value=problem.total_value,
        rules=tuple(_kept_rule(rule, options) for rule in problem.rules),
        option_level=None if problem.option_level is None else problem.option_level[options],
    )
    return Restriction(smaller, options)


def _kept_rule(rule: CountRule, options: IntArray) -> CountRule:
    """Return ``rule`` on the options that are left, of which there may be too few for it."""
    kept = np.flatnonzero(np.isin(options, rule.options))
    return replace(rule, options=tuple(kept.tolist()))
