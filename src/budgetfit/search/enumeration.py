"""Every solution worth a given objective, one candidate after the other, where there are few."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from budgetfit.search.coverage import best_of, completed, keeps_rules
from budgetfit.search.deadline import NEVER
from budgetfit.search.knapsack import Knapsack

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["MAX_ENUMERATED_OPTIONS", "Enumeration", "enumerate_above"]

MAX_ENUMERATED_OPTIONS = 62
"""Chosen options are the bits of an integer."""

# Partial choices kept at a time: some tens of megabytes.
_MAX_CHOICES = 20_000


class Enumeration(NamedTuple):
    """What was found.

    Attributes
    ----------
    complete : bool
        Every choice was looked at, or is proved not to reach the objective.
    solution : Solution or None
        A best solution that reaches it.
    """

    complete: bool
    solution: Solution | None


class _Choices(NamedTuple):
    """Partial choices: what they explain, cost, count and contain."""

    explained: IntArray
    num_tokens: IntArray
    counts: IntArray
    options: IntArray

    def where(self, keep: IntArray) -> _Choices:
        return _Choices(*(array[keep] for array in self))


def enumerate_above(
    problem: Problem,
    moment: IntArray,
    counts: IntArray,
    counted: int,
    objective_value: int,
    *,
    deadline: Deadline = NEVER,
) -> Enumeration:
    """Look for solutions worth ``objective_value`` or more.

    A choice that explains ``e_t`` of the moments and uses ``n`` tokens is worth, however it goes
    on, at most ``sum_t max(e_t, mu_t)``, less the price of what it counts, plus what later options
    can add to prices within the tokens that are left: the bound of knapsack_dual.py from there on.

    Parameters
    ----------
    problem : Problem
        Without sheets and of one level; at most ``MAX_ENUMERATED_OPTIONS`` options.
    moment : (num_moments,) int64 array
        Prices of the moments; not negative.
    counts : (1 + num_rules,) int64 array
        Prices of images and of what counts for each rule.
    counted : int
        What the limits of these counts are worth at their prices.
    objective_value : int
        Less is of no interest.
    deadline : Deadline, optional
        Where it passes, the enumeration is not complete.
    """
    priced = np.concatenate([np.ones((1, problem.num_options), np.int64), problem.rule_counts])
    worth = np.maximum(problem.values - moment[:, None], 0).sum(axis=0) - counts @ priced
    later = Knapsack(problem).after(worth)
    most = np.concatenate([[problem.image_limit], problem.rule_limits[1]])
    choices = _Choices(
        np.zeros((1, problem.num_moments), np.int64),
        np.zeros(1, np.int64),
        np.zeros((1, len(most)), np.int64),
        np.zeros(1, np.int64),
    )
    starts = [*problem.candidate_starts.tolist(), problem.num_options]
    for candidate in range(problem.num_candidates):
        grown = [
            _with(problem, choices, option, priced[:, option], most)
            for option in range(starts[candidate], starts[candidate + 1])
        ]
        every = zip(choices, *grown, strict=True)
        choices = _Choices(*(np.concatenate(arrays) for arrays in every))
        reach = np.maximum(choices.explained, moment).sum(axis=1) - choices.counts @ counts
        reach += later[candidate + 1][choices.num_tokens] + counted
        choices = choices.where(np.flatnonzero(reach >= objective_value))
        if len(choices.options) > _MAX_CHOICES or deadline.passed():
            return Enumeration(complete=False, solution=None)
    return Enumeration(complete=True, solution=_best(problem, choices, objective_value))


def _with(
    problem: Problem, choices: _Choices, option: int, counts: IntArray, most: IntArray
) -> _Choices:
    """Return the choices that ``option`` fits, with it."""
    fits = (choices.counts + counts <= most).all(axis=1)
    tokens = int(problem.option_num_tokens[option])
    fits &= choices.num_tokens + tokens <= problem.max_picture_tokens
    old = choices.where(np.flatnonzero(fits))
    return _Choices(
        np.maximum(old.explained, problem.values[:, option]),
        old.num_tokens + tokens,
        old.counts + counts,
        old.options | (1 << option),
    )


def _best(problem: Problem, choices: _Choices, objective_value: int) -> Solution | None:
    kept = keeps_rules(problem, choices.counts[:, 1:].T) & (choices.options > 0)
    explained = choices.explained.sum(axis=1)
    found = []
    # The best texts beside equal pictures are equal, so the most explained go first.
    for index in np.flatnonzero(kept)[np.argsort(-explained[kept], kind="stable")].tolist():
        options = [o for o in range(problem.num_options) if choices.options[index] >> o & 1]
        solution = completed(problem, options)
        text = problem.prompt_options[solution.prompt].value
        if int(explained[index]) + text >= objective_value:
            found.append(solution)
    return best_of(problem, found) if found else None
