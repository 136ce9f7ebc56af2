"""A problem with some of its options left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from budgetfit.problem.problem import IntArray, Problem
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
    )
    return Restriction(smaller, options)
