"""Putting stretches of time of one choice into another, as far as they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.search.coverage import completed, coverage, keeps_rules, objective, text_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["relinked"]

# Stretches at most into which time is cut; every run of them is looked at.
_MAX_PARTS = 40


def relinked(problem: Problem, start: Solution, guide: Sequence[int]) -> Solution:
    """Return ``start`` with stretches of time taken from ``guide`` while that helps.

    Path relinking (Glover, 1997): of all stretches that may be taken from the guide, the one that
    explains most is taken first, then the best one beside it, until none helps any more.

    Parameters
    ----------
    problem : Problem
        Without sheets.
    start : Solution
        A feasible solution.
    guide : sequence of int
        Options of different candidates; together they may break every limit.
    """
    if problem.option_level is not None:
        level = problem.option_level[start.options[0]]
        guide = [option for option in guide if problem.option_level[option] == level]
    best, worth = start, objective(problem, start)
    while True:
        options = _with_best_stretch(problem, best.options, guide, worth)
        if options is None:
            return best
        best = completed(problem, options)
        worth = objective(problem, best)


def _with_best_stretch(
    problem: Problem, start: Sequence[int], guide: Sequence[int], worth: int
) -> list[int] | None:
    """Return the best feasible options of the guide in one stretch and of the start elsewhere.

    None where they are worth no more than ``worth``.
    """
    cuts = _cuts(problem, start, guide)
    here, there = _Parts(problem, start, cuts), _Parts(problem, guide, cuts)
    best = None
    for begin in range(len(cuts) - 1):
        counts = here.counts_with(there, begin)
        tokens = counts[0]
        fits = (tokens <= problem.max_picture_tokens) & (counts[1] <= problem.image_limit)
        fits &= (counts[1] > 0) & keeps_rules(problem, counts[2:])
        ends = np.flatnonzero(fits)
        if ends.size:
            value = here.explained_with(there, begin)[ends] + text_value(problem, tokens[ends])
            if value.max() > worth:
                worth = int(value.max())
                best = begin, begin + 1 + int(ends[value.argmax()])
    if best is None:
        return None
    first, last = cuts[best[0]], cuts[best[1]]
    inside = problem.option_candidate
    return [
        *(option for option in start if not first <= inside[option] < last),
        *(option for option in guide if first <= inside[option] < last),
    ]


def _cuts(problem: Problem, start: Sequence[int], guide: Sequence[int]) -> IntArray:
    """Return rising candidates at which time is cut, so that every part has a difference."""
    differing = problem.option_candidate[sorted({*start} ^ {*guide})]
    cuts = np.unique(differing)[1:]
    if len(cuts) >= _MAX_PARTS:
        cuts = cuts[np.linspace(0, len(cuts) - 1, _MAX_PARTS - 1).astype(np.int64)]
    return np.concatenate([[0], cuts, [problem.num_candidates]])


class _Parts:
    """What options explain, cost and count in each part of the time between cuts.

    Parameters
    ----------
    problem : Problem
        The data.
    options : sequence of int
        What is chosen.
    cuts : (num_parts + 1,) int64 array
        The candidates at which parts begin, and the number of candidates.
    """

    def __init__(self, problem: Problem, options: Sequence[int], cuts: IntArray) -> None:
        chosen = np.array(options, dtype=np.int64)
        part = np.searchsorted(cuts, problem.option_candidate[chosen], side="right") - 1
        count = len(cuts) - 1
        self._explained = np.array(
            [coverage(problem, chosen[part == number]) for number in range(count)]
        )
        # (2 + num_rules, num_options): tokens, images, and what counts for each rule.
        rows = np.concatenate(
            [
                np.array([problem.option_num_tokens, np.ones_like(problem.option_num_tokens)]),
                problem.rule_counts,
            ]
        )
        self._sums = np.zeros((len(rows), count + 1), dtype=np.int64)
        for number in range(count):
            in_part = rows[:, chosen[part == number]].sum(axis=1)
            self._sums[:, number + 1] = self._sums[:, number] + in_part
        nothing = np.zeros((1, problem.num_moments), dtype=np.int64)
        self._before = np.maximum.accumulate(np.concatenate([nothing, self._explained]), axis=0)
        from_end = np.concatenate([nothing, self._explained[::-1]])
        self._after = np.maximum.accumulate(from_end, axis=0)[::-1]

    def counts_with(self, other: _Parts, begin: int) -> IntArray:
        """Return (2 + num_rules, num_ends) sums with ``other`` from a part to each later end."""
        within: IntArray = other._sums[:, begin + 1 :] - other._sums[:, [begin]]
        return within + self._sums[:, [begin]] + self._sums[:, [-1]] - self._sums[:, begin + 1 :]

    def explained_with(self, other: _Parts, begin: int) -> IntArray:
        """Return (num_ends,) what is explained with ``other`` from a part to each later end."""
        within = np.maximum.accumulate(other._explained[begin:], axis=0)
        np.maximum(within, self._before[begin], out=within)
        np.maximum(within, self._after[begin + 1 :], out=within)
        explained: IntArray = within.sum(axis=1)
        return explained
