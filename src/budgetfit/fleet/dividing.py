"""Dividing the tokens among the jobs of a fleet, class by class, by what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from budgetfit.fleet.choices import Choices
from budgetfit.fleet.knapsack import best_split, relaxed_bound
from budgetfit.fleet.least import best_least, least_bound, least_price
from budgetfit.fleet.serving import serve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budgetfit.errors import InfeasibleError
    from budgetfit.fleet.choices import IntArray
    from budgetfit.fleet.curves import Curve, SolvedRoom
    from budgetfit.fleet.jobs import FleetJob

__all__ = ["Division", "Objective", "divide"]

Objective = Literal["total", "worst"]

# The information of the job of the largest weight, in integers.
_SCALE = 2**30

# Once what all other jobs leave open together is this part of the gap, they are left alone.
_LEFT_OPEN = 0.5


@dataclass(frozen=True, slots=True)
class Division:
    """What each job gets, and what is proved about it.

    Attributes
    ----------
    chosen : dict of int to SolvedRoom
        By index of the jobs that are served.
    refused : dict of int to InfeasibleError
        Why others are not.
    value : float
        The objective.
    bound : float
        Proved upper bound on it.
    price : float
        What a token more adds to the objective at the margin.
    wanted : dict of int to int
        Rooms of jobs that are worth solving, as they leave much of the gap open.
    """

    chosen: dict[int, SolvedRoom]
    refused: dict[int, InfeasibleError]
    value: float
    bound: float
    price: float
    wanted: dict[int, int]

    @property
    def gap(self) -> float:
        """``(bound - value) / bound``; 0 where there is nothing to show."""
        return (self.bound - self.value) / self.bound if self.bound else 0.0


@dataclass(frozen=True, slots=True)
class _Class:
    """What the jobs of one priority get."""

    chosen: dict[int, SolvedRoom]
    num_tokens: int
    value: float
    bound: float
    price: float
    open: dict[int, tuple[int, float]]


def divide(
    jobs: Mapping[int, FleetJob],
    curves: Mapping[int, Curve],
    total_tokens: int,
    objective: Objective,
    relative_gap_limit: float,
) -> Division:
    """Divide the tokens: every job that can be served is; then class by class, the highest first.

    Parameters
    ----------
    jobs : mapping of int to FleetJob
        By index.
    curves : mapping of int to Curve
        What is known of each.
    total_tokens : int
        Prompt tokens of all requests together.
    objective : str
        ``"total"`` or ``"worst"``.
    relative_gap_limit : float
        Nothing is wanted where the gap is at most this.
    """
    cheapest = {i: min(c.num_tokens, default=c.least) for i, c in curves.items()}
    served, refused = serve(jobs, cheapest, total_tokens)
    chosen: dict[int, SolvedRoom] = {}
    classes: list[_Class] = []
    reserved = sum(cheapest[index] for index in served)
    left = total_tokens
    for priority in sorted({jobs[index].priority for index in served}, reverse=True):
        members = [index for index in served if jobs[index].priority == priority]
        reserved -= sum(cheapest[index] for index in members)
        weights = [jobs[index].weight for index in members]
        divided = _divide_class(
            members, [curves[i] for i in members], weights, left - reserved, objective
        )
        left -= divided.num_tokens
        chosen |= divided.chosen
        classes.append(divided)
    together = sum if objective == "total" else min
    value = float(together([one.value for one in classes])) if classes else 0.0
    bound = float(together([one.bound for one in classes])) if classes else 0.0
    division = Division(
        {index: chosen[index] for index in served},
        refused,
        value,
        max(bound, value),
        classes[-1].price if classes else 0.0,
        {},
    )
    if division.gap > relative_gap_limit:
        open_rooms = {index: room for one in classes for index, room in one.open.items()}
        division.wanted.update(_worth_solving(open_rooms, relative_gap_limit * division.bound))
    return division


def _worth_solving(open_rooms: Mapping[int, tuple[int, float]], allowed: float) -> dict[int, int]:
    """Return rooms of the jobs that leave most open, until little is left of it."""
    order = sorted(open_rooms, key=lambda index: (-open_rooms[index][1], index))
    rest = sum(amount for _, amount in open_rooms.values())
    wanted = {}
    for index in order:
        if rest <= _LEFT_OPEN * allowed:
            break
        room, amount = open_rooms[index]
        rest -= amount
        wanted[index] = room
    return wanted


def _divide_class(
    members: Sequence[int],
    curves: Sequence[Curve],
    weights: Sequence[float],
    room: int,
    objective: Objective,
) -> _Class:
    unit = _SCALE / max(weights)
    scales = [unit * weight for weight in weights]
    points = Choices.of(
        [
            (curve.num_tokens, np.floor(curve.reached * scale).astype(np.int64).tolist())
            for curve, scale in zip(curves, scales, strict=True)
        ]
    )
    corners = [curve.bound_corners for curve in curves]
    bounds = Choices.of(
        [
            (tokens.tolist(), np.ceil(shares * scale).astype(np.int64).tolist())
            for (tokens, shares), scale in zip(corners, scales, strict=True)
        ]
    )
    if objective == "total":
        split = best_split(points, room)
        bound, price = relaxed_bound(bounds, room)
        rooms, open_amounts = _open_total(points, bounds, split.chosen, price)
    else:
        _, split = best_least(points, room)
        bound = least_bound(bounds, room)
        price = least_price(bounds.hull_alone(), bound)
        rooms, open_amounts = _open_worst(points, bounds, bound, room)
    found = [
        curve.solved[index]
        for curve, index in zip(curves, (split.chosen - points.starts).tolist(), strict=True)
    ]
    worths = [
        weight * float(curve.shares([one.objective])[0])
        for curve, weight, one in zip(curves, weights, found, strict=True)
    ]
    return _Class(
        chosen=dict(zip(members, found, strict=True)),
        num_tokens=split.num_tokens,
        value=sum(worths) if objective == "total" else min(worths),
        bound=bound / unit,
        price=price / unit,
        open={
            index: (wanted, amount / unit)
            for index, curve, wanted, amount in zip(
                members, curves, rooms.tolist(), open_amounts.tolist(), strict=True
            )
            if amount > 0 and all(one.room != wanted for one in curve.solved)
        },
    )


def _open_total(
    points: Choices, bounds: Choices, chosen: IntArray, price: float
) -> tuple[IntArray, npt.NDArray[np.float64]]:
    """Return where each job's bound is most above what is chosen at a price, and by how much."""
    reduced = bounds.value - price * bounds.num_tokens
    best = np.maximum.reduceat(reduced, bounds.starts)
    place = np.minimum.reduceat(
        np.where(reduced >= best[bounds.job], np.arange(len(reduced)), len(reduced)), bounds.starts
    )
    reached = points.value[chosen] - price * points.num_tokens[chosen]
    return bounds.num_tokens[place], best - reached


def _open_worst(
    points: Choices, bounds: Choices, level: int, room: int
) -> tuple[IntArray, npt.NDArray[np.float64]]:
    """Return where each job's bound comes to a level, and what the tokens beyond it are worth.

    They are those of the cheapest point known to come to the level, or of all that is left.
    """
    ends = np.append(bounds.starts[1:], len(bounds.value))
    rooms = np.zeros(bounds.num_jobs, dtype=np.int64)
    for job, (start, end) in enumerate(zip(bounds.starts.tolist(), ends.tolist(), strict=True)):
        tokens, value = bounds.num_tokens[start:end], bounds.value[start:end]
        at = int(np.searchsorted(value, level))
        rooms[job] = tokens[at]
        if at and value[at] > level:
            low, high = value[at - 1], value[at]
            run = tokens[at] - tokens[at - 1]
            rooms[job] = tokens[at - 1] - (-((level - low) * run) // (high - low))
    known = np.where(points.value >= level, points.num_tokens, room)
    beyond = np.minimum.reduceat(known, points.starts) - rooms
    return rooms, np.maximum(beyond, 0) * (level / room)
