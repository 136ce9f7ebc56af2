"""One picture as the model counts it: its patches, and the token that ends each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.plan_parts import PlannedSheet
from budgetfit.plots.frame_pictures import images_of
from budgetfit.plots.lettering import fitting, text_width_in, write, write_heading
from budgetfit.plots.placing import draw_picture, draw_rectangle
from budgetfit.plots.style import (
    BODY,
    MARGIN_IN,
    NARROWEST_IN,
    PALETTE,
    SMALL,
    WIDTH_IN,
    paper,
    prepared,
    require_matplotlib,
)
from budgetfit.render import words
from budgetfit.tokens.images import ImageGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from PIL import Image

    from budgetfit.plans import Plan, PlannedFrame
    from budgetfit.plots.style import Style, Theme

__all__ = ["patch_grid"]

# Inches.
_TITLE = 0.62
_GAP = 0.1
_TALLEST = 6.5
_LARGEST_PATCH, _SMALLEST_PATCH = 0.45, 0.005
_WORDS_HEIGHT = 0.75
_BREAK_COLOR, _END_COLOR, _CELL_COLOR = PALETTE[1], PALETTE[4], PALETTE[3]
_BREAK_TEXT, _END_TEXT = "[IMG_BREAK]\nends a row", "[IMG_END]\nends the picture"


def patch_grid(
    plan: Plan,
    index: int = 0,
    *,
    ax: Axes | None = None,
    images: Sequence[Image.Image] | None = None,
    style: Style | None = None,
) -> Axes:
    """Draw the patches of one picture, and beside each row of them the token that ends it.

    A sheet's cells, each of whole patches, are outlined.

    Parameters
    ----------
    plan : Plan
        The plan.
    index : int
        Which of ``plan.pictures``; -1 is the last.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of pyplot without. The picture is drawn for the size it has.
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
    UsageError
        The plan has no such picture, or ``images`` are not the plan's.
    VideoError
        ``images`` is not given and the video cannot be read any more.
    """
    number = len(plan.pictures)
    if not -number <= index < number:
        raise UsageError(f"index is {index}; the plan has {number} pictures, counted from 0")
    require_matplotlib()
    picture = plan.pictures[index]
    image = images_of(plan, images)[index]
    side = plan.image_rules.side_multiple
    grid = ImageGrid(picture.width // side, picture.height // side)
    margins = 2 * MARGIN_IN
    drawn = _Drawn.of(grid, WIDTH_IN - margins, _TALLEST)
    across = max(NARROWEST_IN, drawn.width + margins)
    ax, theme = prepared(ax, drawn.height + _TITLE + margins, style, width_in=across)
    width, height = paper(ax)
    drawn = _Drawn.of(grid, width, height - _TITLE, top=height - _TITLE)
    _write_words(ax, theme, (_title(picture, grid), _subtitle(plan, picture, grid, side)))
    _draw_patches(ax, image, drawn)
    if isinstance(picture, PlannedSheet):
        _draw_cells(ax, picture, drawn)
    _draw_ends(ax, theme, drawn)
    return ax


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A grid in inches.

    Attributes
    ----------
    grid : ImageGrid
        Its patches.
    patch : float
        The side of one.
    top : float
        Where the picture ends above.
    """

    grid: ImageGrid
    patch: float
    top: float

    @classmethod
    def of(cls, grid: ImageGrid, width: float, height: float, *, top: float = 0.0) -> _Drawn:
        """Return the largest grid that fits beside the words for its row ends."""
        # A row has one more token than patches.
        across = (width - _GAP - _words_width()) / (grid.columns + 1)
        patch = max(_SMALLEST_PATCH, min(_LARGEST_PATCH, across, height / grid.rows))
        return cls(grid, patch, top)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the picture."""
        return self.grid.columns * self.patch, self.grid.rows * self.patch

    @property
    def width(self) -> float:
        """Of the picture, its row ends and the words for them."""
        return self.size[0] + _GAP + self.patch + _words_width()

    @property
    def height(self) -> float:
        """Of the picture, and at least of the words beside it."""
        return max(self.size[1], _WORDS_HEIGHT)


def _words_width() -> float:
    lines = (line for text in (_BREAK_TEXT, _END_TEXT) for line in text.split("\n"))
    return max(text_width_in(line, SMALL) for line in lines) + 0.1


def _title(picture: PlannedFrame | PlannedSheet, grid: ImageGrid) -> str:
    ends = "1 row end" if grid.rows == 1 else f"{grid.rows} row ends"
    return f"{grid.columns * grid.rows:,} patches + {ends} = {picture.num_tokens:,} tokens"


def _subtitle(plan: Plan, picture: PlannedFrame | PlannedSheet, grid: ImageGrid, side: int) -> str:
    shown, size = (
        text.replace("x", "×") for text in (words.moments(plan, picture), words.size(picture))
    )
    return f"{shown}, {size} pixels in {grid.columns}×{grid.rows} patches of {side}×{side}"


def _write_words(ax: Axes, theme: Theme, lines: tuple[str, str]) -> None:
    width, height = ax.get_xlim()[1], ax.get_ylim()[1]
    write_heading(ax, lines[0], theme.ink, width, height)
    line = fitting(lines[1], BODY, width)
    write(ax, 0, height - 0.27, line, fontsize=BODY, color=theme.quiet, va="top")


def _draw_patches(ax: Axes, image: Image.Image, drawn: _Drawn) -> None:
    from matplotlib.collections import LineCollection

    patch, top, (across, up) = drawn.patch, drawn.top, drawn.size
    draw_picture(ax, image, (0, top - up, across, up), zorder=1)
    columns = (patch * column for column in range(drawn.grid.columns + 1))
    rows = (top - patch * row for row in range(drawn.grid.rows + 1))
    lines = [((x, top), (x, top - up)) for x in columns]
    lines += [((0, y), (across, y)) for y in rows]
    # Light on dark, so that the lines are seen on every picture; thin where they are many.
    for color, width in (("#00000066", 1.2), ("#ffffffcc", 0.5)):
        thin = width * min(1, patch / 0.15)
        ax.add_artist(LineCollection(lines, colors=color, linewidths=thin, zorder=2))


def _draw_cells(ax: Axes, sheet: PlannedSheet, drawn: _Drawn) -> None:
    across, up = drawn.size[0] / sheet.columns, drawn.size[1] / sheet.rows
    for column in range(sheet.columns):
        for row in range(1, sheet.rows + 1):
            box = (column * across, drawn.top - row * up, across, up)
            draw_rectangle(ax, box, edge=_CELL_COLOR, linewidth=1.5)


def _draw_ends(ax: Axes, theme: Theme, drawn: _Drawn) -> None:
    patch, top, rows = drawn.patch, drawn.top, drawn.grid.rows
    left, side = drawn.size[0] + _GAP, 0.84 * patch
    for row in range(rows):
        color = _END_COLOR if row == rows - 1 else _BREAK_COLOR
        draw_rectangle(ax, (left, top - (row + 0.92) * patch, side, side), face=color)
    x = left + patch + 0.06
    how = {"fontsize": SMALL, "color": theme.ink}
    if rows == 1:
        write(ax, x, top, _END_TEXT, va="top", **how)
        return
    write(ax, x, top - 0.04 * patch, _BREAK_TEXT, va="top", **how)
    write(ax, x, top - max(rows * patch, _WORDS_HEIGHT), _END_TEXT, va="bottom", **how)
