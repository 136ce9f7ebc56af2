"""What the command line shows of a frontier."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from budgetfit.explain.curves import Frontier, FrontierCurve, FrontierPoint
    from budgetfit.explain.marks import FrontierMark

__all__ = ["frontier_view"]


def frontier_view(frontier: Frontier) -> RenderableType:
    """Return a table for each curve, a table of what to compare them with, and sentences."""
    return Group(*_parts(frontier))


def _parts(frontier: Frontier) -> Iterator[RenderableType]:
    for curve in frontier.curves:
        yield Text(_name(curve.max_images), "bold")
        yield _curve_table(curve, frontier.budget)
        yield Text()
    yield Text("for comparison", "bold")
    yield _mark_table(frontier.marks)
    yield Text()
    yield Text(str(frontier))


def _name(max_images: int | None) -> str:
    if max_images is None:
        return "any number of images"
    return "one image" if max_images == 1 else f"up to {max_images} images"


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    return table


def _curve_table(curve: FrontierCurve, budget: int) -> Table:
    table = _table("budget", "used", "text", "pictures", "shown", "within")
    knee = curve.knee
    for point in curve.points:
        notes = ["the plan's budget"] if point.num_tokens == budget else []
        notes += ["knee"] if point is knee else []
        table.add_row(
            str(point.num_tokens),
            str(point.plan.num_tokens),
            str(point.plan.prompt.num_tokens),
            str(len(point.plan.pictures)),
            f"{point.information:.1%}",
            _within(point),
            Text(", ".join(notes), "cyan"),
        )
    return table


def _within(point: FrontierPoint) -> str:
    # Rounded up: what is said to be proved must be.
    return f"{math.ceil(point.gap * 10_000) / 100:.2f}%"


def _mark_table(marks: Iterable[FrontierMark]) -> Table:
    table = _table("used", "pictures", "shown")
    for mark in marks:
        table.add_row(
            str(mark.num_tokens), str(mark.num_pictures), f"{mark.information:.1%}", mark.name
        )
    return table
