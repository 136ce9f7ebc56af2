"""What prompt tokens can show of a video, under one image limit and another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.plots.frontier_marks import LINE_IN, draw_marks
from budgetfit.plots.lettering import fitting, text_width_in, write
from budgetfit.plots.log_scale import HIGH, LOW, LogScale
from budgetfit.plots.placing import draw_line
from budgetfit.plots.spacing import spread
from budgetfit.plots.style import BODY, PALETTE, SMALL, TITLE, WIDTH_IN, prepared, size_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from budgetfit.explain.frontier import Frontier, FrontierCurve
    from budgetfit.plots.style import Style, Theme

__all__ = ["frontier"]

# Inches.
_HEIGHT = 5.0
_LEFT, _RIGHT, _BELOW, _ABOVE = 0.78, 0.16, 0.62, 0.43
_GAP = 0.3


def frontier(frontier: Frontier, *, ax: Axes | None = None, style: Style | None = None) -> Axes:
    """Draw how much of the video each number of prompt tokens can show, a curve an image limit.

    Every dot is a plan. The band above a curve is what is not proved, as thin as the gap. Diamonds
    are knees, the points after which tokens buy less; the star is the plan, squares are requests to
    compare it with, and the upright line is its budget.

    Parameters
    ----------
    frontier : Frontier
        From :meth:`budgetfit.Plan.frontier`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of pyplot without. Labels are arranged for the size it has.
    style : {"light", "dark"}, optional
        The colours; those for the figure's background without.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``, or the new one: x in prompt tokens, in powers of ten, y the share of the video.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    is_new = ax is None
    ax, theme = prepared(ax, _HEIGHT, style)
    if is_new:
        across, up = (_LEFT + _RIGHT) / WIDTH_IN, (_BELOW + _ABOVE) / _HEIGHT
        ax.set_position((_LEFT / WIDTH_IN, _BELOW / _HEIGHT, 1 - across, 1 - up))
    names = [_name(curve.max_images) for curve in frontier.curves]
    _dress(ax, theme)
    free = max(text_width_in(name, BODY) for name in names) + _GAP + 0.1
    scale = LogScale.of(frontier, size_in(ax), free)
    ax.set_xlim(scale.low, scale.high)
    ax.set_title(
        fitting("What prompt tokens can show of the video", TITLE, scale.width, weight="bold"),
        loc="left",
        fontsize=TITLE,
        fontweight="bold",
        color=theme.ink,
    )
    for number, curve in enumerate(frontier.curves):
        _draw_curve(ax, theme, curve, PALETTE[number % len(PALETTE)])
    _name_curves(ax, theme, frontier.curves, names, scale)
    draw_marks(ax, theme, frontier, scale)
    return ax


def _name(max_images: int | None) -> str:
    if max_images is None:
        return "no image limit"
    return "1 image" if max_images == 1 else f"{max_images} images"


def _dress(ax: Axes, theme: Theme) -> None:
    """Set what lies around the drawing, before the room inside is measured."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    ax.set_xscale("log")
    ax.set_ylim(LOW, HIGH)
    ax.set_facecolor("none")
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5), numticks=30))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    ax.set_xlabel("prompt tokens", fontsize=SMALL, color=theme.quiet)
    ax.set_ylabel("of the video shown", fontsize=SMALL, color=theme.quiet)
    ax.tick_params(labelsize=SMALL, colors=theme.quiet, length=3)
    ax.grid(visible=False)
    ax.grid(visible=True, axis="y", color=theme.empty, linewidth=0.8)
    ax.set_axisbelow(True)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.faint)
    ax.set_title(" ", fontsize=TITLE, loc="left")


def _draw_curve(ax: Axes, theme: Theme, curve: FrontierCurve, color: str) -> None:
    tokens = [point.num_tokens for point in curve.points]
    shown = [point.information for point in curve.points]
    bounds = [point.best_bound for point in curve.points]
    ax.fill_between(tokens, shown, bounds, color=color, alpha=0.35, linewidth=0, zorder=2)
    ax.plot(
        tokens,
        shown,
        color=color,
        linewidth=1.8,
        marker="o",
        markersize=4,
        markeredgecolor=theme.paper,
        markeredgewidth=0.5,
        zorder=3,
    )


def _name_curves(
    ax: Axes, theme: Theme, curves: Sequence[FrontierCurve], names: Sequence[str], scale: LogScale
) -> None:
    """Write each curve's name beside its end, with a line to it."""
    ends = [curve.points[-1] for curve in curves]
    order = sorted(range(len(curves)), key=lambda number: (ends[number].information, number))
    wanted = [scale.inches(1, ends[number].information)[1] for number in order]
    heights = spread(wanted, [LINE_IN + 0.02] * len(order), 0.0, scale.height)
    right = max(scale.inches(end.num_tokens, 0)[0] for end in ends)
    for number, y in zip(order, heights, strict=True):
        color = PALETTE[number % len(PALETTE)]
        start = scale.inches(ends[number].num_tokens, ends[number].information)
        line = [start, (right + 0.1, start[1]), (right + _GAP - 0.06, y)]
        draw_line(ax, [scale.place(*point) for point in line], color, linewidth=1, zorder=2)
        at = scale.place(right + _GAP, y)
        write(ax, *at, names[number], fontsize=BODY, color=theme.ink, va="center_baseline")
