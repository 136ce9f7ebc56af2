"""Where the tokens of a context go: every part of a request, what is unused, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.plots.lettering import on_color, text_width_in, write, write_heading
from budgetfit.plots.outlines import TURNED_IN, draw_outlines
from budgetfit.plots.placing import draw_line, draw_rectangle
from budgetfit.plots.spacing import spread
from budgetfit.plots.style import BODY, SMALL, paper, prepared
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from budgetfit.plans import Plan
    from budgetfit.plots.style import Style, Theme

__all__ = ["tokens"]

# Inches.
_HEIGHT = 2.9
_TITLE = 0.36
_BAR = 0.52
_BELOW = 0.86
_GAP = 0.12


def tokens(plan: Plan, *, ax: Axes | None = None, style: Style | None = None) -> Axes:
    """Draw where the ``max_model_len`` tokens of the context go, as one bar.

    Above each picture's part of the bar stands its outline, all in one scale; a sheet's has its
    tiles. The video is not read.

    Parameters
    ----------
    plan : Plan
        The plan.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of pyplot without. Labels are arranged for the size it has.
    style : {"light", "dark"}, optional
        The colours; those for the figure's background without.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``, or the new one: its units are inches, its axis lines are off.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    ax, theme = prepared(ax, _HEIGHT, style)
    width, height = paper(ax)
    title = f"{plan.num_tokens:,} of {plan.limits.max_prompt_tokens:,} prompt tokens used"
    write_heading(ax, title, theme.ink, width, height)
    per_token = width / plan.limits.max_model_len
    x = 0.0
    for number, picture in enumerate(plan.pictures):
        across = picture.num_tokens * per_token
        color = theme.pictures[number % 2]
        _draw_part(ax, theme, color, x, across)
        _write_inside(ax, f"{picture.num_tokens:,}", color, x, across)
        x += across
    base = _BELOW + _BAR + 0.1
    draw_outlines(ax, theme, plan, (x, base, height - _TITLE - base))
    number = words.token_parts(plan).pictures
    labels = [_Label(words.pictures(plan), f"{number:,}", x / 2, x)] if number else []
    for name, num_tokens, color in _other_parts(plan, theme):
        across = num_tokens * per_token
        _draw_part(ax, theme, color, x, across)
        labels.append(_Label(name, f"{num_tokens:,}", x + across / 2, across))
        x += across
    _draw_labels(ax, theme, labels, width)
    return ax


@dataclass(frozen=True, slots=True)
class _Label:
    """What is said below a part: its centre and its width on the bar in inches."""

    text: str
    amount: str
    centre: float
    across: float

    @property
    def width(self) -> float:
        """Inches of the text and the gap to its neighbour."""
        amount = text_width_in(self.amount, BODY, weight="bold")
        return max(text_width_in(self.text, BODY), amount) + _GAP


def _other_parts(plan: Plan, theme: Theme) -> list[tuple[str, int, str]]:
    """Return the name, the tokens and the colour of every part without pictures."""
    parts = words.token_parts(plan)
    every = (
        ("time labels", parts.labels, theme.labels),
        ("text", parts.text, theme.text),
        ("template", parts.template, theme.template),
        ("unused", parts.unused, theme.empty),
        ("for the answer", plan.limits.max_tokens, theme.answer),
    )
    return [part for part in every if part[1]]


def _draw_part(ax: Axes, theme: Theme, color: str, x: float, across: float) -> None:
    # Parts of a few tokens would vanish under a whole edge.
    edge = min(0.8, across * 18)
    draw_rectangle(ax, (x, _BELOW, across, _BAR), face=color, edge=theme.paper, linewidth=edge)


def _write_inside(ax: Axes, text: str, color: str, x: float, across: float) -> None:
    """Write ``text`` into a part of the bar, level or turned, where it fits."""
    is_turned = text_width_in(text, SMALL) + 0.06 > across
    if is_turned and across < TURNED_IN - 0.01:
        return
    write(
        ax,
        x + across / 2,
        _BELOW + _BAR / 2,
        text,
        fontsize=SMALL,
        color=on_color(color),
        rotation=90 if is_turned else 0,
        ha="center",
        va="center" if is_turned else "center_baseline",
        zorder=4,
    )


def _draw_labels(ax: Axes, theme: Theme, labels: Sequence[_Label], width: float) -> None:
    """Name the parts below the bar, each near its own, with a line where it had to move."""
    centres = spread(
        [label.centre for label in labels], [label.width for label in labels], 0.0, width
    )
    # Straight down past the brackets before it turns, so that no line crosses them.
    top, mid, turn, knee = (_BELOW - down for down in (0.05, 0.12, 0.16, 0.38))
    for label, centre in zip(labels, centres, strict=True):
        start = top
        if label.across > 0.3:
            left, right = (label.centre + side * (label.across / 2 - 0.04) for side in (-1, 1))
            bracket = [(left, top), (left, mid), (right, mid), (right, top)]
            draw_line(ax, bracket, theme.quiet)
            start = mid
        line = [(label.centre, start), (label.centre, turn), (centre, knee)]
        draw_line(ax, line, theme.quiet)
        how = {"fontsize": BODY, "color": theme.ink, "ha": "center", "va": "top"}
        write(ax, centre, knee - 0.04, label.text, **how)
        write(ax, centre, knee - 0.23, label.amount, fontweight="bold", **how)
