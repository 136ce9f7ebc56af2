"""The points on a frontier that have names: its budget, its knees, and requests to compare with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from budgetfit.plots.beside import beside
from budgetfit.plots.lettering import text_width_in, write
from budgetfit.plots.log_scale import HIGH
from budgetfit.plots.placing import draw_line
from budgetfit.plots.style import PALETTE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from budgetfit.explain.frontier import Frontier
    from budgetfit.plots.log_scale import LogScale
    from budgetfit.plots.placing import Box
    from budgetfit.plots.style import Theme

__all__ = ["LINE_IN", "draw_marks"]

LINE_IN = 0.17
"""Inches of a line of text."""


def draw_marks(ax: Axes, theme: Theme, frontier: Frontier, scale: LogScale) -> None:
    """Draw the budget, the knees and the marks, with labels where nothing else is."""
    x = scale.inches(frontier.budget, 0)[0]
    ends = [scale.place(x, 0), scale.place(x, scale.height - LINE_IN - 0.04)]
    draw_line(ax, ends, theme.quiet, linewidth=1, zorder=1)
    text = f"budget: {frontier.budget:,}"
    half = text_width_in(text, SMALL) / 2
    at = scale.place(min(max(x, half), scale.width - half), 0)[0]
    how = {"fontsize": SMALL, "color": theme.quiet, "ha": "center", "va": "top"}
    write(ax, at, HIGH, text, **how)
    points = _points(frontier, theme)
    sizes = [(text_width_in(p.text, SMALL, weight=p.weight) + 0.06, LINE_IN) for p in points]
    places = [scale.inches(point.num_tokens, point.share) for point in points]
    upright = ((x, y / 20) for y in range(round(20 * scale.height)))
    room = (scale.width, scale.height - LINE_IN - 0.04)
    boxes = beside(places, sizes, [*_sampled(frontier, scale), *upright], room)
    for point, place, box in zip(points, places, boxes, strict=True):
        _draw_point(ax, theme, point, scale, (place, box))


def _draw_point(
    ax: Axes,
    theme: Theme,
    point: _Point,
    scale: LogScale,
    at: tuple[tuple[float, float], Box],
) -> None:
    from matplotlib.lines import Line2D

    place, (left, bottom, width, height) = at
    marker = Line2D(
        [point.num_tokens],
        [point.share],
        marker=point.marker,
        markersize=point.size,
        color=point.color,
        markeredgecolor=theme.paper,
        markeredgewidth=0.8,
        zorder=5,
    )
    ax.add_artist(marker)
    near = min(max(place[0], left), left + width), min(max(place[1], bottom), bottom + height)
    if math.dist(near, place) > 0.15:
        ends = [scale.place(*place), scale.place(*near)]
        draw_line(ax, ends, theme.quiet, linewidth=0.7, zorder=4)
    how: dict[str, Any] = {"fontsize": SMALL, "fontweight": point.weight, "ha": "center"}
    middle = scale.place(left + width / 2, bottom + height / 2)
    write(ax, *middle, point.text, color=theme.ink, va="center_baseline", zorder=6, **how)


@dataclass(frozen=True, slots=True)
class _Point:
    """A point with a label; ``size`` in points."""

    text: str
    num_tokens: int
    share: float
    marker: str
    size: float
    color: str

    @property
    def weight(self) -> str:
        """Of the label's letters: the plan stands out."""
        return "bold" if self.marker == "*" else "normal"


def _points(frontier: Frontier, theme: Theme) -> list[_Point]:
    points = [
        _Point(
            mark.name.replace("x", "×") if "frame" in mark.name else mark.name,
            mark.num_tokens,
            mark.information,
            "*" if number == 0 else "s",
            13 if number == 0 else 6,
            theme.ink,
        )
        for number, mark in enumerate(frontier.marks)
    ]
    for number, curve in enumerate(frontier.curves):
        knee = curve.knee
        if knee is not None:
            color = PALETTE[number % len(PALETTE)]
            text = f"knee: {knee.num_tokens:,}"
            point = _Point(text, knee.num_tokens, knee.information, "D", 7, color)
            # Curves that an image limit does not bind are one.
            if (point.num_tokens, point.share) not in [(p.num_tokens, p.share) for p in points]:
                points.append(point)
    return points


def _sampled(frontier: Frontier, scale: LogScale) -> list[tuple[float, float]]:
    """Return points of all curves, in inches, about a twentieth apart."""
    found: list[tuple[float, float]] = []
    for curve in frontier.curves:
        places = [scale.inches(point.num_tokens, point.information) for point in curve.points]
        for (x, y), (other_x, other_y) in pairwise(places):
            steps = max(1, round(math.dist((x, y), (other_x, other_y)) * 20))
            found += (
                (x + (other_x - x) * step / steps, y + (other_y - y) * step / steps)
                for step in range(steps + 1)
            )
    return found
