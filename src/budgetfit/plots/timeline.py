"""Which moments are sent, when they are, and how well each moment of the video is shown by them."""

from __future__ import annotations

from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from budgetfit.explain.moments import explained_moments
from budgetfit.plots.frame_pictures import images_of, moment_images
from budgetfit.plots.lettering import fitting, write
from budgetfit.plots.style import (
    PALETTE,
    SMALL,
    TITLE,
    WIDTH_IN,
    prepared,
    require_matplotlib,
    size_in,
)
from budgetfit.plots.thumbnails import BAND_IN, Room, draw_thumbnails
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from PIL import Image

    from budgetfit.explain.moments import ExplainedMoment
    from budgetfit.plans import Plan
    from budgetfit.plots.style import Style, Theme

__all__ = ["timeline"]

# Inches around the Axes of a new figure.
_LEFT, _RIGHT, _BELOW, _ABOVE = 0.78, 0.16, 0.62, 0.43
# Seconds from which on times are read more easily in minutes.
_LONG_S = 120


def timeline(
    plan: Plan,
    *,
    ax: Axes | None = None,
    images: Sequence[Image.Image] | None = None,
    style: Style | None = None,
) -> Axes:
    """Draw the moments that ``plan`` sends over how well they show every moment of the video.

    The height of the band is the share of a moment that is shown, in [0, 1]; its colour is that of
    the frame which shows most of it. Moments in which there is nothing to see have no band. A tile
    has the letter of its sheet in a corner.

    Parameters
    ----------
    plan : Plan
        The plan.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of pyplot without. Pictures are arranged for the size it has.
    images : sequence of PIL.Image.Image, optional
        What ``plan.images()`` returned before, to save decoding again.
    style : {"light", "dark"}, optional
        The colours; those for the figure's background without.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``, or the new one: x in seconds, y the share shown from 0 to 1 and the pictures above.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    VideoError, PlanFileError, UsageError
        What the plan was made from is not known and cannot be found again; or ``images`` are not
        those of the plan.
    """
    require_matplotlib()
    pictures = moment_images(plan, images_of(plan, images))
    moments = explained_moments(plan)
    edges = _edges(moments)
    width = WIDTH_IN - _LEFT - _RIGHT
    height = BAND_IN + Room.of(plan, width).height + _BELOW + _ABOVE
    is_new = ax is None
    ax, theme = prepared(ax, height, style)
    if is_new:
        inside = (width / WIDTH_IN, 1 - (_BELOW + _ABOVE) / height)
        ax.set_position((_LEFT / WIDTH_IN, _BELOW / height, *inside))
    _dress(ax, theme, edges[0], edges[-1])
    width, height = size_in(ax)
    title = f"{words.pictures(plan)}: {plan.information:.1%} of the video is shown"
    ax.set_title(
        fitting(title, TITLE, width, weight="bold"),
        loc="left",
        fontsize=TITLE,
        fontweight="bold",
        color=theme.ink,
    )
    room = Room.of(plan, width, height)
    band = max(0.1 * height, height - room.height)
    ax.set_ylim(0, height / band)
    # Beside the band alone.
    ax.yaxis.label.set(y=band / height / 2, ha="center")
    _draw_band(ax, theme, moments, edges)
    draw_thumbnails(ax, theme, plan, pictures, room)
    return ax


def _edges(moments: Sequence[ExplainedMoment]) -> list[float]:
    """Return in seconds where the moments' spans begin, and the end."""
    start = moments[0].time_s if moments else 0.0
    edges = list(accumulate((moment.span_s for moment in moments), initial=start))
    # Axes need some width, where a video has none.
    return edges if edges[-1] > start else [start, *(start + 1 for _ in moments or (0,))]


def _dress(ax: Axes, theme: Theme, low: float, high: float) -> None:
    """Set what lies around the drawing, before the room inside is measured."""
    from matplotlib.ticker import MaxNLocator

    is_long = high - low >= _LONG_S
    ax.set_xlim(low, high)
    ax.set_ylim(0, 1)
    ax.set_facecolor("none")
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    steps = [1, 1.5, 3, 6, 10] if is_long else [1, 2, 5, 10]
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=steps))
    if is_long:
        ax.xaxis.set_major_formatter(_minutes)
    name = "minutes:seconds" if is_long else "seconds"
    ax.set_xlabel(name, fontsize=SMALL, color=theme.quiet)
    ax.set_ylabel("shown", fontsize=SMALL, color=theme.quiet)
    ax.tick_params(labelsize=SMALL, colors=theme.quiet, length=3)
    ax.grid(visible=False)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.faint)
    ax.set_title(" ", fontsize=TITLE, loc="left")


def _minutes(time_s: float, _position: float) -> str:
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02d}"


def _draw_band(
    ax: Axes, theme: Theme, moments: Sequence[ExplainedMoment], edges: Sequence[float]
) -> None:
    from matplotlib.patches import StepPatch

    for (frame, has_worth), group in groupby(
        range(len(moments)), key=lambda index: (moments[index].frame, moments[index].weight > 0)
    ):
        run = list(group)
        times_s = edges[run[0] : run[-1] + 2]
        if has_worth:
            ax.add_artist(StepPatch([1.0], [times_s[0], times_s[-1]], fill=True, color=theme.empty))
        if frame is not None:
            shares = [moments[index].explained for index in run]
            color = PALETTE[frame % len(PALETTE)]
            ax.add_artist(StepPatch(shares, times_s, fill=True, color=color, linewidth=0))
    if not any(moment.weight for moment in moments):
        middle = (edges[0] + edges[-1]) / 2
        how = {"color": theme.quiet, "fontsize": SMALL, "ha": "center", "va": "center"}
        write(ax, middle, 0.5, "nothing to see", **how)
