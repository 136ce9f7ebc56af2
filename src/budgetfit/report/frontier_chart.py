"""The curve of information against tokens, as shares of a chart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.report.axes import Tick
from budgetfit.report.numbers import percent_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.frontier import Frontier

__all__ = ["Chart", "Curve", "Dot", "chart_of"]

_MAX_TOKEN_TICKS = 5


@dataclass(frozen=True, slots=True)
class Dot:
    """A request in the chart.

    Attributes
    ----------
    name : str
        What it is.
    num_tokens, num_pictures : int
        Its prompt tokens, or for a point of a curve its room; and its pictures.
    information, best_bound : float
        What it shows, and what is proved of any in that room; the same where nothing is.
    x, y : float
        Where it lies, from the lower left, in [0, 1].
    """

    name: str
    num_tokens: int
    num_pictures: int
    information: float
    best_bound: float
    x: float
    y: float

    @property
    def most(self) -> str:
        """The bound in words, rounded up: what is said to be proved must be."""
        return percent_up(self.best_bound)


@dataclass(frozen=True, slots=True)
class Curve:
    """The best plans in rising rooms."""

    name: str
    points: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart.

    Attributes
    ----------
    curves : tuple of Curve
        Each drawn as a line.
    marks : tuple of Dot
        Requests to compare with, the plan first.
    budget : float
        Where the plan's room lies on the axis of tokens.
    x_ticks, y_ticks : tuple of Tick
        The axes' numbers.
    sentence : str
        What the chart says.
    """

    curves: tuple[Curve, ...]
    marks: tuple[Dot, ...]
    budget: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    sentence: str


def chart_of(frontier: Frontier) -> Chart:
    """Return the chart of a ``Frontier``: tokens on a logarithmic axis, information from 0 on."""
    rooms = [point.num_tokens for curve in frontier.curves for point in curve.points]
    tokens = [*rooms, *(mark.num_tokens for mark in frontier.marks), frontier.budget]
    low, high = min(tokens), max(*tokens, min(tokens) + 1)
    shown = [point.information for curve in frontier.curves for point in curve.points]
    highest = max([*shown, *(mark.information for mark in frontier.marks)])
    step = 0.1 if highest <= 0.5 else 0.2
    top = step * max(1, math.ceil(highest / step - 1e-9))

    def across(num_tokens: int) -> float:
        return math.log(num_tokens / low) / math.log(high / low)

    curves = tuple(
        Curve(
            name=_images(curve.max_images),
            points=tuple(
                Dot(
                    name=f"{point.num_tokens:,} tokens",
                    num_tokens=point.num_tokens,
                    num_pictures=len(point.plan.pictures),
                    information=point.information,
                    best_bound=point.best_bound,
                    x=across(point.num_tokens),
                    y=point.information / top,
                )
                for point in curve.points
            ),
        )
        for curve in frontier.curves
    )
    marks = tuple(
        Dot(
            name=mark.name,
            num_tokens=mark.num_tokens,
            num_pictures=mark.num_pictures,
            information=mark.information,
            best_bound=mark.information,
            x=across(mark.num_tokens),
            y=mark.information / top,
        )
        for mark in frontier.marks
    )
    return Chart(
        curves=curves,
        marks=marks,
        budget=across(frontier.budget),
        x_ticks=tuple(Tick(across(number), _short(number)) for number in _token_ticks(low, high)),
        y_ticks=tuple(
            Tick(number * step / top, f"{number * step:.0%}")
            for number in range(round(top / step) + 1)
        ),
        sentence=str(frontier),
    )


def _token_ticks(low: int, high: int) -> Sequence[int]:
    """Return round numbers of tokens inside the axis, few enough for a phone."""
    for factors in ((1, 2, 5), (1, 3), (1,)):
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [factor * 10**decade for decade in decades for factor in factors]
        inside = [number for number in ticks if low <= number <= high]
        if len(inside) <= _MAX_TOKEN_TICKS:
            break
    return inside


def _short(number: int) -> str:
    """Return a round number that has room on a phone.

    >>> _short(500), _short(20_000)
    ('500', '20k')
    """
    return f"{number // 1000}k" if number >= 1000 else f"{number}"


def _images(number: int | None) -> str:
    if number is None:
        return "any number of images"
    return "one image" if number == 1 else f"up to {number} images"
