"""A problem with some of its options left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from budgetfit.problem.problem import CountRule, IntArray, Problem
from budgetfit.problem.solution import Solution

__all__ = ["Restriction", "restrict", "without_sheets"]


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """A smaller problem and its place in the whole one.

    Attributes
    ----------
    problem : Problem
        The smaller problem.
    options : (num_kept,) int64 array
        For each of its options, the option of the whole problem.
    sheets : (num_kept_sheets,) int64 array
        For each of its sheets, the sheet of the whole problem.
    """

    problem: Problem
    options: IntArray
    sheets: IntArray

    def narrowed(
        self, keep: npt.NDArray[np.bool_], keep_sheets: npt.NDArray[np.bool_] | None = None
    ) -> Restriction:
        """Return this restriction with only the options, and sheets, where ``keep`` is true."""
        smaller = restrict(self.problem, keep, keep_sheets)
        return Restriction(
            smaller.problem, self.options[smaller.options], self.sheets[smaller.sheets]
        )

    def to_whole(self, solution: Solution) -> Solution:
        """Return ``solution`` of the smaller problem in the whole problem's options."""
        return Solution(
            tuple(self.options[list(solution.options)].tolist()),
            solution.prompt,
            tuple(self.sheets[list(solution.sheets)].tolist()),
        )

    def from_whole(self, solution: Solution) -> Solution | None:
        """Return ``solution`` of the whole problem in the smaller one's options, if it is there."""
        options = _positions(self.options, solution.options)
        sheets = _positions(self.sheets, solution.sheets)
        if options is None or sheets is None:
            return None
        return Solution(options, solution.prompt, sheets)


def _positions(kept: IntArray, wanted: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return where each of ``wanted`` is in the rising ``kept``; None where one is not there."""
    position = np.searchsorted(kept, wanted)
    if (position == len(kept)).any() or (kept[position] != wanted).any():
        return None
    return tuple(position.tolist())


def restrict(
    problem: Problem,
    keep: npt.NDArray[np.bool_],
    keep_sheets: npt.NDArray[np.bool_] | None = None,
) -> Restriction:
    """Return ``problem`` with only the options where ``keep`` (num_options,) is true.

    Of its sheets those where ``keep_sheets`` (num_sheets,) is true stay, by default all.
    """
    if keep_sheets is None:
        keep_sheets = np.ones(len(problem.sheets), dtype=bool)
    sheets = np.flatnonzero(keep_sheets)
    options = np.flatnonzero(keep)
    if keep.all() and keep_sheets.all():
        # Nothing in it can be written to: no need for a copy, which may be large.
        return Restriction(problem, options, sheets)
    _, candidate = np.unique(problem.option_candidate[options], return_inverse=True)
    values = np.take(problem.values, options, axis=1)
    values.setflags(write=False)
    smaller = Problem(
        values=values,
        option_candidate=candidate,
        option_num_tokens=problem.option_num_tokens[options],
        prompt_options=problem.prompt_options,
        max_prompt_tokens=problem.max_prompt_tokens,
        max_images=problem.max_images,
        total_value=problem.total_value,
        rules=tuple(_kept_rule(rule, options) for rule in problem.rules),
        option_level=None if problem.option_level is None else problem.option_level[options],
        sheets=tuple(problem.sheets[sheet] for sheet in sheets),
        option_tile=None if problem.option_tile is None else problem.option_tile[options],
    )
    return Restriction(smaller, options, sheets)


def without_sheets(problem: Problem) -> Restriction | None:
    """Return ``problem`` with only pictures of their own; None where there are none."""
    if problem.is_tile.all():
        return None
    return restrict(problem, ~problem.is_tile, np.zeros(len(problem.sheets), dtype=bool))


def _kept_rule(rule: CountRule, options: IntArray) -> CountRule:
    """Return ``rule`` on the options that are left, of which there may be too few for it."""
    kept = np.flatnonzero(np.isin(options, rule.options))
    return replace(rule, options=tuple(kept.tolist()))
