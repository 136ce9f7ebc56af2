"""Every picture of a plan as large beside the others as the model gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.plots.frame_pictures import images_of
from budgetfit.plots.lettering import write, write_heading
from budgetfit.plots.placing import draw_picture, draw_rectangle
from budgetfit.plots.rows import CAPTION_FONTS, LINE_IN, compact_rows, largest_rows
from budgetfit.plots.style import (
    MARGIN_IN,
    NARROWEST_IN,
    WIDTH_IN,
    paper,
    prepared,
    require_matplotlib,
)
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from PIL import Image

    from budgetfit.plans import Plan
    from budgetfit.plots.style import Style

__all__ = ["contact_sheet"]

# Inches of the title.
_TITLE = 0.42


def contact_sheet(
    plan: Plan,
    *,
    ax: Axes | None = None,
    images: Sequence[Image.Image] | None = None,
    style: Style | None = None,
) -> Axes:
    """Draw the pictures of ``plan`` in time order and in one scale, with time, size and tokens.

    ``--contact-sheet`` writes the same pictures pixel for pixel, on paper as large as they need.
    Here the paper is given: the scale follows from its size, and letters keep theirs.

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
        ``ax``, or the new one: its units are inches, its axis lines are off.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    VideoError
        ``images`` is not given and the video cannot be read any more.
    UsageError
        ``images`` are not the plan's.
    """
    require_matplotlib()
    pictures = images_of(plan, images)
    captions = _captions(plan)
    margins = 2 * MARGIN_IN
    if ax is None:
        rows = compact_rows(pictures, captions, WIDTH_IN - margins)
        across = max(NARROWEST_IN, rows.width + margins)
        ax, theme = prepared(None, rows.height + _TITLE + margins, style, width_in=across)
        width, height = paper(ax)
    else:
        ax, theme = prepared(ax, 0.0, style)
        width, height = paper(ax)
        rows = largest_rows(pictures, captions, (width, height - _TITLE))
    title = f"{words.pictures(plan)} in {plan.num_tokens:,} tokens: {plan.information:.1%} shown"
    write_heading(ax, title, theme.ink, width, height)
    for picture, lines, cell in zip(pictures, captions, rows.cells, strict=True):
        box = (cell.left, height - _TITLE + cell.bottom, cell.width, cell.height)
        draw_picture(ax, picture, box)
        draw_rectangle(ax, box, edge=theme.faint, linewidth=0.8)
        colors = (theme.ink, theme.quiet, theme.quiet)[: rows.num_lines]
        for number, color in enumerate(colors):
            size, weight = CAPTION_FONTS[number]
            y = box[1] - 0.05 - number * LINE_IN
            how = {"fontsize": size, "fontweight": weight, "color": color, "va": "top"}
            write(ax, cell.left, y, lines[number], **how)
    return ax


def _captions(plan: Plan) -> list[tuple[str, str, str]]:
    return [
        (
            words.moments(plan, picture).replace("x", "×"),
            words.size(picture).replace("x", "×"),
            f"{picture.num_tokens:,} tokens",
        )
        for picture in plan.pictures
    ]
