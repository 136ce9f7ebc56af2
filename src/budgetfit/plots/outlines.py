"""The shapes of pictures as outlines in one scale, in a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from budgetfit.plan_parts import PlannedSheet
from budgetfit.plots.lettering import text_width_in, write
from budgetfit.plots.placing import draw_line, draw_rectangle
from budgetfit.plots.spacing import spread
from budgetfit.plots.style import SMALL
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from budgetfit.plans import Plan
    from budgetfit.plots.placing import Box
    from budgetfit.plots.style import Theme

__all__ = ["TURNED_IN", "draw_outlines"]

# Inches.
TURNED_IN = 0.17
"""A line of small text, turned."""
_TALLEST = 0.9
_SMALLEST = 0.05
_GAP, _AIR = 0.12, 0.05
# Of the width that all have, so that they stay near their own.
_SHARE = 0.8


def draw_outlines(ax: Axes, theme: Theme, plan: Plan, place: tuple[float, float, float]) -> None:
    """Draw the outline of each of ``plan.pictures`` near its part of a bar of their tokens.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its units are inches.
    theme : Theme
        The colours.
    plan : Plan
        The plan.
    place : (float, float, float)
        Where the bar, which begins at 0, ends; the bottom of the outlines; and the height that they
        have with their sizes in words.
    """
    if not plan.pictures:
        return
    end, base, height = place
    texts = [words.size(picture).replace("x", "×") for picture in plan.pictures]
    wanted = _centres([picture.num_tokens for picture in plan.pictures], end)
    way = _way(plan, texts, end, height)
    centres = spread(wanted, way.slots, 0.0, end)
    for number, (picture, centre) in enumerate(zip(plan.pictures, centres, strict=True)):
        across, up = picture.width * way.scale, picture.height * way.scale
        box, edge = (centre - across / 2, base, across, up), theme.pictures[number % 2]
        draw_rectangle(ax, box, face=theme.empty, edge=edge, linewidth=1.5)
        if isinstance(picture, PlannedSheet):
            _draw_tiles(ax, edge, picture, box)
        if way.rotation is not None:
            how = {"fontsize": SMALL, "color": theme.quiet, "ha": "center", "va": "bottom"}
            write(ax, centre, base + up + 0.05, texts[number], rotation=way.rotation, **how)


@dataclass(frozen=True, slots=True)
class _Way:
    """How outlines are drawn.

    Attributes
    ----------
    scale : float
        Inches of a pixel.
    rotation : int or None
        Of the sizes above them, in degrees; None where these have no room.
    slots : list of float
        Inches that each takes with its text.
    """

    scale: float
    rotation: int | None
    slots: list[float]

    @classmethod
    def of(
        cls, plan: Plan, room: tuple[float, float], rotation: int | None, least: Sequence[float]
    ) -> _Way:
        """Return the largest outlines in ``room``; each takes at least what ``least`` says."""
        pictures = plan.pictures
        scale = min(
            min(_TALLEST, max(_SMALLEST, room[1])) / max(picture.height for picture in pictures),
            _SHARE * room[0] / sum(picture.width for picture in pictures),
        )
        slots = [
            max(p.width * scale + _AIR, width) for p, width in zip(pictures, least, strict=True)
        ]
        return cls(scale, rotation, slots)


def _way(plan: Plan, texts: Sequence[str], end: float, height: float) -> _Way:
    """Return the first that fits: sizes level, turned, or not written."""
    lengths = [text_width_in(text, SMALL) for text in texts]
    level_and_turned = (
        (0, [length + _GAP for length in lengths], 0.22),
        (90, [TURNED_IN] * len(lengths), max(lengths) + 0.08),
    )
    for rotation, least, above in level_and_turned:
        way = _Way.of(plan, (end, height - above), rotation, least)
        if sum(way.slots) <= end:
            return way
    return _Way.of(plan, (end, height), None, [0.0] * len(lengths))


def _centres(counts: Sequence[int], end: float) -> list[float]:
    """Return the middles of parts that together end at ``end``."""
    ends = list(accumulate(counts))
    return [end * (after - count / 2) / ends[-1] for after, count in zip(ends, counts, strict=True)]


def _draw_tiles(ax: Axes, color: str, sheet: PlannedSheet, box: Box) -> None:
    left, base, across, up = box
    for column in range(1, sheet.columns):
        x = left + across * column / sheet.columns
        draw_line(ax, [(x, base), (x, base + up)], color, linewidth=0.6)
    for row in range(1, sheet.rows):
        y = base + up * row / sheet.rows
        draw_line(ax, [(left, y), (left + across, y)], color, linewidth=0.6)
