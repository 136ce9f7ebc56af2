"""Text as it is written into plots: never as a formula, and measured before it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budgetfit.plots.style import TITLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["fitting", "on_color", "text_width_in", "write", "write_heading"]

_POINTS_PER_INCH = 72


def write(ax: Axes, x: float, y: float, text: str, **how: Any) -> Text:  # noqa: ANN401
    """Write ``text`` as it is, a dollar sign included, in the units of ``ax``."""
    return ax.text(x, y, text, parse_math=False, **how)


def write_heading(ax: Axes, text: str, color: str, width: float, top: float) -> None:
    """Write ``text``, shortened to ``width`` inches, from the left and below ``top``."""
    text = fitting(text, TITLE, width, weight="bold")
    write(ax, 0, top, text, fontsize=TITLE, fontweight="bold", color=color, va="top")


def text_width_in(text: str, size: float, *, weight: str = "normal") -> float:
    """Return the width of one line of ``text`` in inches, ``size`` in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _POINTS_PER_INCH


def fitting(text: str, size: float, width_in: float, *, weight: str = "normal") -> str:
    """Return ``text``, or as much of its beginning as fits ``width_in`` and three dots."""
    if text_width_in(text, size, weight=weight) <= width_in:
        return text
    while text and text_width_in(f"{text}...", size, weight=weight) > width_in:
        text = text[:-1]
    return f"{text.rstrip()}..."


def on_color(color: str) -> str:
    """Return black or white, whichever is read better on ``color``."""
    from matplotlib.colors import to_rgb

    channels = [value**2.2 for value in to_rgb(color)]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))
    # Where black and white have the same contrast ratio of WCAG 2: sqrt(1.05 * 0.05) - 0.05.
    return "#000000" if luminance > 0.179 else "#ffffff"
