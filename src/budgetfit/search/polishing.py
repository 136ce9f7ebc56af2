"""A last improvement of a solution: good choices in time order, and stretches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.search.budgeted_path import budgeted_path
from budgetfit.search.coverage import best_of, completed, keeps_rules, objective
from budgetfit.search.deadline import NEVER
from budgetfit.search.exchange import exchange
from budgetfit.search.priced_paths import PricedPaths
from budgetfit.search.relinking import relinked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["polished"]

# A choice explains a little more than in time order alone, where a scene comes back: one that falls
# short by a share of one in so many is looked at as well.
_UNSEEN = 2_000


def polished(
    problem: Problem,
    start: Solution,
    token_price: float,
    image_price: float,
    *,
    times: IntArray | None = None,
    deadline: Deadline = NEVER,
) -> Solution:
    """Return ``start``, or a better solution where one is found in time order.

    Parameters
    ----------
    problem : Problem
        Without sheets: a price of tokens says nothing about the places of a sheet.
    start : Solution
        A feasible solution.
    token_price, image_price : float
        Shadow prices of the budget and of the image limit.
    times : (num_moments,) int64 array, optional
        When the moments are, as in :class:`~budgetfit.search.time_order.TimeOrder`.
    deadline : Deadline, optional
        When to stop looking.
    """
    prices = max(token_price, 0.0), max(image_price, 0.0)
    paths = PricedPaths(problem, *prices, times=times, deadline=deadline)
    starts = [start, *_feasible(problem, paths.best)]
    found = [_led(problem, one, [paths.best, paths.beyond]) for one in starts]
    best = best_of(problem, [start, exchange(problem, best_of(problem, found), deadline)])
    worth = objective(problem, best)
    better = budgeted_path(problem, paths, worth - worth // _UNSEEN, deadline)
    if not better:
        return best
    found = [_led(problem, best, [better]), *_feasible(problem, better)]
    return best_of(problem, [best, exchange(problem, best_of(problem, found), deadline)])


def _led(problem: Problem, start: Solution, guides: Sequence[Sequence[int]]) -> Solution:
    """Return ``start`` with what is good of each guide."""
    best = start
    for guide in guides:
        if guide:
            best = relinked(problem, best, guide)
    return best


def _feasible(problem: Problem, options: Sequence[int]) -> list[Solution]:
    """Return a path within the budget as a solution, if it is one: it knows no rules."""
    chosen = list(options)
    counts = problem.rule_counts[:, chosen].sum(axis=1)[:, None]
    levels = problem.option_level
    mixed = levels is not None and len(np.unique(levels[chosen])) > 1
    if not chosen or mixed or not keeps_rules(problem, counts).all():
        return []
    return [completed(problem, chosen)]
