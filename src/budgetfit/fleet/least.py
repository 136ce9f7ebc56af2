"""Raising the least: the choice whose worst job is worth as much as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.fleet.knapsack import Split, best_split

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetfit.fleet.choices import Choices

__all__ = ["best_least", "least_bound", "least_price"]


def best_least(choices: Choices, room: int) -> tuple[int, Split]:
    """Return the most that every job can be worth, and the best split that gives it to all.

    Parameters
    ----------
    choices : Choices
        The points.
    room : int
        Tokens of all.

    Raises
    ------
    ValueError
        Not even the cheapest point of each job fits.
    """
    if not choices.num_jobs:
        return 0, best_split(choices, room)
    most = int(np.maximum.reduceat(choices.value, choices.starts).min())
    beyond = room + 1

    def num_tokens(level: int) -> int:
        costs = np.where(choices.value >= level, choices.num_tokens, beyond)
        return int(np.minimum.reduceat(costs, choices.starts).sum())

    level = _highest(num_tokens, most, room)
    part, kept = choices.only(choices.value >= level)
    split = best_split(part, room)
    chosen = kept[split.chosen]
    return level, Split(chosen, split.num_tokens, split.value, split.bound, split.price)


def least_bound(choices: Choices, room: int) -> int:
    """Return a bound on what every job can be worth.

    Parameters
    ----------
    choices : Choices
        Corners of functions of tokens, one a job, none of which is below what the job can be worth:
        by rising tokens, no value below the one before, straight lines between them.
    room : int
        Tokens of all.
    """
    if not choices.num_jobs:
        return 0
    starts = choices.starts
    same = choices.job[1:] == choices.job[:-1]
    run, rise = np.diff(choices.num_tokens)[same], np.diff(choices.value)[same]
    low, start = choices.value[:-1][same], choices.num_tokens[:-1][same]
    first = choices.num_tokens[starts]
    extra = start - first[choices.job[:-1][same]]

    def num_tokens(level: int) -> int:
        # On the segment that reaches the level: the fewest whole tokens there.
        on = (low < level) & (level <= low + rise)
        needed = extra[on] - (-((level - low[on]) * run[on]) // rise[on])
        return int(first.sum()) + int(needed.sum())

    return _highest(num_tokens, int(np.maximum.reduceat(choices.value, starts).min()), room)


def least_price(choices: Choices, level: int) -> float:
    """Return what a token more adds to a level that all jobs reach; 0 where one can reach no more.

    Parameters
    ----------
    choices : Choices
        As for ``least_bound``, of concave functions.
    level : int
        What all are worth.
    """
    if not choices.num_jobs or level >= np.maximum.reduceat(choices.value, choices.starts).min():
        return 0.0
    same = choices.job[1:] == choices.job[:-1]
    run, rise = np.diff(choices.num_tokens)[same], np.diff(choices.value)[same]
    low = choices.value[:-1][same]
    on = (low <= level) & (level < low + rise)
    tokens = float((run[on] / rise[on]).sum())
    return 1 / tokens if tokens else 0.0


def _highest(num_tokens: Callable[[int], int], most: int, room: int) -> int:
    """Return the highest level of at most ``most`` that ``room`` tokens reach; 0 needs least."""
    reached, above = 0, most + 1
    while above - reached > 1:
        middle = (reached + above) // 2
        if num_tokens(middle) <= room:
            reached = middle
        else:
            above = middle
    return reached
