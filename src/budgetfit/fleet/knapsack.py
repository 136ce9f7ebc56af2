"""One point for each job, worth the most together within a number of tokens.

This is the multiple-choice knapsack problem (Sinha and Zoltners, 1979). Its relaxation, which mixes
neighbours on each job's concave majorant, is solved by taking the steps that bring most value for a
token first. The last step's price ``lam`` of a token proves the bound

    sum over jobs of max over points p of (value[p] - lam * num_tokens[p]) + lam * room,

evaluated in integers. What a point loses against its job's best at this price tells whether a
better choice can hold it; what is left is small, and dynamic programming over tokens makes it
exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.fleet.tables import best_by_tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from budgetfit.fleet.choices import Choices, IntArray

__all__ = ["Split", "best_split", "relaxed_bound"]

# Cells of the dynamic program, points times tokens: a fraction of a second.
_MAX_CELLS = 10**8
_MAX_ROUNDS = 4

# Prices are multiples of 1/2**_PRICE_BITS where 64 bits allow it.
_PRICE_BITS = 16
_WORD_BITS = 62


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A choice and what is proved about it.

    Attributes
    ----------
    chosen : (num_jobs,) int64 array
        The point of each job.
    num_tokens : int
        What all of them cost.
    value : int
        What all of them are worth.
    bound : int
        Proved upper bound on the value of any choice within the tokens.
    price : float
        Value of a token at the margin.
    """

    chosen: IntArray
    num_tokens: int
    value: int
    bound: int
    price: float


def best_split(choices: Choices, room: int) -> Split:
    """Return the most valuable choice of one point a job that costs at most ``room`` tokens.

    It is exact where few points can matter, and proved within a small part of one job's worth
    elsewhere.

    Raises
    ------
    ValueError
        Not even the cheapest point of each job fits.
    """
    if not choices.num_jobs:
        return Split(np.zeros(0, dtype=np.int64), 0, 0, 0, 0.0)
    chosen, price = _relaxed(choices, room)
    one, price = _fixed_point(choices, price)
    loss, dual = _losses(choices, one, price, room)
    bound = dual // one
    for _ in range(_MAX_ROUNDS):
        value = int(choices.value[chosen].sum())
        if value >= bound:
            break
        # Worth more than the best that is known: nothing beyond this loss.
        keep = loss <= dual - one * (value + 1)
        keep[chosen] = True
        better, exact = _searched(choices, keep, loss, chosen, room)
        if exact:
            chosen = better
            bound = int(choices.value[chosen].sum())
        elif int(choices.value[better].sum()) > value:
            chosen = better
        else:
            break
    return Split(
        chosen=chosen,
        num_tokens=int(choices.num_tokens[chosen].sum()),
        value=int(choices.value[chosen].sum()),
        bound=bound,
        price=price / one,
    )


def relaxed_bound(choices: Choices, room: int) -> tuple[int, float]:
    """Return a bound on what tokens buy where points may be mixed, and the price of a token.

    It holds for concave functions of tokens whose vertices are the points.

    Raises
    ------
    ValueError
        Not even the cheapest point of each job fits.
    """
    if not choices.num_jobs:
        return 0, 0.0
    one, price = _fixed_point(choices, _relaxed(choices, room)[1])
    return _losses(choices, one, price, room)[1] // one, price / one


def _relaxed(choices: Choices, room: int) -> tuple[IntArray, float]:
    """Return the relaxation's choice, rounded down and filled up, and its price of a token."""
    hull = choices.hull()
    job = choices.job[hull]
    is_first = np.diff(job, prepend=-1) > 0
    chosen: IntArray = hull[is_first]
    left = room - int(choices.num_tokens[chosen].sum())
    if left < 0:
        raise ValueError(f"the cheapest points cost {room - left} tokens, more than {room}")
    steps = np.flatnonzero(~is_first)
    cost = choices.num_tokens[hull[steps]] - choices.num_tokens[hull[steps - 1]]
    gain = choices.value[hull[steps]] - choices.value[hull[steps - 1]]
    ratio = gain / cost
    # Stable: of equal ratios those of earlier jobs, and of a job the earlier steps, come first.
    order = np.argsort(-ratio, kind="stable")
    taken = int(np.searchsorted(np.cumsum(cost[order]), left, side="right"))
    price = float(ratio[order[taken]]) if taken < len(order) else 0.0
    first = order[:taken]
    left -= int(cost[first].sum())
    reached = np.bincount(job[steps[first]], minlength=choices.num_jobs)
    at = np.flatnonzero(is_first) + reached
    rest = order[taken:]
    for step in rest[cost[rest] <= left].tolist():
        place = int(steps[step])
        if cost[step] <= left and at[job[place]] == place - 1:
            at[job[place]] = place
            left -= int(cost[step])
        if not left:
            break
    return hull[at], price


def _fixed_point(choices: Choices, price: float) -> tuple[int, int]:
    """Return the unit of prices in integers, and the price in it."""
    one = 1 << max(min(_PRICE_BITS, _WORD_BITS - choices.num_bits), 0)
    return one, min(round(price * one), one * int(choices.value.max()))


def _losses(choices: Choices, one: int, price: int, room: int) -> tuple[IntArray, int]:
    """Return what each point loses against its job's best at a price, and the bound; in ``one``."""
    reduced = one * choices.value - price * choices.num_tokens
    best = np.maximum.reduceat(reduced, choices.starts)
    return best[choices.job] - reduced, _exact_sum(best) + price * room


def _exact_sum(numbers: IntArray) -> int:
    """Add up without overflow."""
    high, low = numbers >> 31, numbers & (2**31 - 1)
    return (int(high.sum()) << 31) + int(low.sum())


def _searched(
    choices: Choices, keep: npt.NDArray[np.bool_], loss: IntArray, chosen: IntArray, room: int
) -> tuple[IntArray, bool]:
    """Return the best choice among kept points, and whether all jobs were looked at together.

    Where that is too much, jobs with much to lose keep what is chosen.
    """
    part, kept = choices.only(keep)
    counts = np.diff(part.starts, append=len(kept))
    # The least that leaving a job's best point loses.
    second = np.full(choices.num_jobs, np.iinfo(np.int64).max)
    others = loss[kept] > 0
    np.minimum.at(second, part.job[others], loss[kept][others])
    second[np.bincount(part.job[~others], minlength=choices.num_jobs) > 1] = 0
    open_jobs = np.flatnonzero(counts > 1)
    open_jobs = open_jobs[np.argsort(second[open_jobs], kind="stable")]
    span = np.maximum.reduceat(part.num_tokens, part.starts) - np.minimum.reduceat(
        part.num_tokens, part.starts
    )
    ranges = np.cumsum(np.minimum(span[open_jobs], room))
    cells = np.cumsum(counts[open_jobs]) * np.minimum(ranges + 1, room + 1).astype(np.float64)
    core = open_jobs[: max(int(np.searchsorted(cells, _MAX_CELLS, side="right")), 1)]
    exact = len(core) == len(open_jobs)
    fixed = chosen.copy()
    if exact:
        # A job with one point left has no other that a better choice could hold.
        single = counts == 1
        fixed[single] = kept[part.starts[single]]
    is_open = np.zeros(choices.num_jobs, dtype=bool)
    is_open[core] = True
    left = room - int(choices.num_tokens[fixed[~is_open]].sum())
    jobs = [kept[part.starts[job] : part.starts[job] + counts[job]] for job in core.tolist()]
    found = best_by_tokens([(choices.num_tokens[p], choices.value[p]) for p in jobs], left)
    for job, points, index in zip(core.tolist(), jobs, found, strict=True):
        fixed[job] = points[index]
    return fixed, exact
