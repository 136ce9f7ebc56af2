"""The colours and sizes that all plots share, and how they come to their Axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from budgetfit.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "BODY",
    "MARGIN_IN",
    "NARROWEST_IN",
    "PALETTE",
    "SMALL",
    "TITLE",
    "WIDTH_IN",
    "Style",
    "Theme",
    "paper",
    "prepared",
    "require_matplotlib",
    "size_in",
    "theme_of",
]

Style = Literal["light", "dark"]

# Inches: a notebook's width.
WIDTH_IN = 10.0
# Where less would do, as for one tall picture: titles fit.
NARROWEST_IN = 5.6
# Points. At 10 inches on a projector that shows 1920 pixels, 9 points are 24 pixels.
TITLE, BODY, SMALL = 12.5, 10.0, 9.0

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#56b4e9", "#d55e00", "#cc79a7")
"""Colours that people with any colour vision tell apart (Okabe and Ito, 2008), in an order in which
neighbours differ in lightness too; their yellow is left out, which white paper swallows."""

MARGIN_IN = 0.12
"""Inches around the Axes of a new figure."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours for one kind of background.

    Attributes
    ----------
    paper, ink, quiet, faint, empty : str
        The background, text, secondary text, thin lines, and what stands for nothing.
    pictures : tuple of str
        Two of one hue, for neighbours of one kind.
    labels, text, template, answer : str
        The other parts of a request.
    """

    paper: str
    ink: str
    quiet: str
    faint: str
    empty: str
    pictures: tuple[str, str]
    labels: str
    text: str
    template: str
    answer: str


THEMES: dict[Style, Theme] = {
    "light": Theme(
        paper="#ffffff",
        ink="#202124",
        quiet="#5f6368",
        faint="#c4c7cc",
        empty="#eceef1",
        pictures=("#0072b2", "#4b9fd0"),
        labels="#cc79a7",
        text="#e69f00",
        template="#7a7d82",
        answer="#009e73",
    ),
    "dark": Theme(
        paper="#16181c",
        ink="#f1f3f4",
        quiet="#b3b8bf",
        faint="#565b63",
        empty="#2c3037",
        pictures=("#2a86c4", "#7cc0ea"),
        labels="#dd9abf",
        text="#f0b429",
        template="#9aa0a6",
        answer="#21b58c",
    ),
}


def require_matplotlib() -> None:
    """Raise the error that says how to install matplotlib where it is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("matplotlib", "report") from error


def prepared(
    ax: Axes | None, height_in: float, style: Style | None, *, width_in: float = WIDTH_IN
) -> tuple[Axes, Theme]:
    """Return the Axes to draw in and their colours.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        The Axes that were given. Where none were, pyplot makes a figure.
    height_in : float
        Height of that figure in inches.
    style : {"light", "dark"} or None
        The colours; None takes those that the background asks for.
    width_in : float
        Width of that figure in inches.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    UsageError
        There is no such style.
    """
    require_matplotlib()
    if style is not None and style not in THEMES:
        raise UsageError(f"style is {style!r}; choose one of: {', '.join(THEMES)}")
    if ax is not None:
        return ax, THEMES[style] if style else theme_of(ax)
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(width_in, height_in))
    across, up = MARGIN_IN / width_in, MARGIN_IN / height_in
    new = figure.add_axes((across, up, 1 - 2 * across, 1 - 2 * up))
    theme = THEMES[style] if style else theme_of(new)
    if style:
        figure.set_facecolor(theme.paper)
    return new, theme


def theme_of(ax: Axes) -> Theme:
    """Return the colours for the background that ``ax`` lies on."""
    from matplotlib import rcParams
    from matplotlib.colors import to_rgba

    red, green, blue, alpha = to_rgba(_figure(ax).get_facecolor())
    if not alpha:
        # Whatever is behind a transparent figure, the user's own text is read on it.
        red, green, blue = (1 - channel for channel in to_rgba(rcParams["text.color"])[:3])
    # Weights of ITU-R BT.709.
    is_light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
    return THEMES["light" if is_light else "dark"]


def size_in(ax: Axes) -> tuple[float, float]:
    """Return width and height of ``ax`` in inches, as its figure's layout leaves them."""
    figure = _figure(ax)
    root = figure.get_figure(root=True)
    if root is not None and root.get_layout_engine() is not None:
        root.draw_without_rendering()
    box = ax.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    return box.width, box.height


def paper(ax: Axes) -> tuple[float, float]:
    """Make ``ax`` a sheet without axis lines on which one unit is an inch; return its size."""
    ax.set_axis_off()
    width, height = size_in(ax)
    ax.set(xlim=(0, width), ylim=(0, height))
    return width, height


def _figure(ax: Axes) -> Figure | SubFigure:
    return cast("Figure | SubFigure", ax.get_figure())
