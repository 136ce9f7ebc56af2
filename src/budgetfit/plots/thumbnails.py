"""Small pictures above a band of time, each tied to its moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.plots.frame_pictures import sheet_letters
from budgetfit.plots.lettering import text_width_in, write
from budgetfit.plots.placing import draw_line, draw_picture, draw_rectangle
from budgetfit.plots.spacing import spread
from budgetfit.plots.style import BODY, PALETTE, SMALL
from budgetfit.time_labels import tenths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from PIL import Image

    from budgetfit.plans import Plan
    from budgetfit.plots.style import Theme

__all__ = ["BAND_IN", "Room", "draw_thumbnails"]

# Inches.
BAND_IN = 0.95
_LARGEST = (2.2, 1.35)
_SMALLEST = 0.05
_NARROWEST_IN_ONE_ROW = 0.8
_GAP = 0.07
_LABEL = 0.22
_LEADERS = 0.42


@dataclass(frozen=True, slots=True)
class Room:
    """How thumbnails share a width, and what height they need.

    In two rows every thumbnail hangs over the gap between two of the other row, so that its line
    passes between them.

    Attributes
    ----------
    width : float
        Inches that all have.
    rows : int
        Rows of thumbnails, 1 or 2.
    box : (float, float)
        Inches that one has at most, across and up.
    """

    width: float
    rows: int
    box: tuple[float, float]

    @classmethod
    def of(cls, plan: Plan, width: float, height: float | None = None) -> Room:
        """Return the room in ``width`` and ``height`` inches, the band's included."""
        number = max(len(plan.frames), 1)
        rows = 1 if width / number - _GAP >= _NARROWEST_IN_ONE_ROW else 2
        across = min(_LARGEST[0], rows * width / (number + rows - 1) - _GAP)
        ratio = max((frame.height / frame.width for frame in plan.frames), default=0.5)
        up = min(_LARGEST[1], across * ratio)
        if height is not None:
            up = min(up, (height - _LEADERS - BAND_IN / 2) / rows - _LABEL)
        return cls(width, rows, (max(across, _SMALLEST), max(up, _SMALLEST)))

    @property
    def height(self) -> float:
        """Inches above the band."""
        return _LEADERS + self.rows * (self.box[1] + _LABEL)

    def bottom(self, index: int) -> float:
        """Return the inches between the band and thumbnail ``index``."""
        return _LEADERS + index % self.rows * (self.box[1] + _LABEL)

    def size(self, picture: Image.Image) -> tuple[float, float]:
        """Return the inches that ``picture`` gets, across and up."""
        factor = min(self.box[0] / picture.width, self.box[1] / picture.height)
        return picture.width * factor, picture.height * factor

    def centres(self, wanted: Sequence[float]) -> list[float]:
        """Return where thumbnails that want to be at these inches are."""
        each = (self.box[0] + _GAP) / self.rows
        # Those at the ends of two rows hang over by half of what they are wider than "each".
        hang = (self.rows - 1) * each / 2
        return spread(wanted, [each] * len(wanted), hang, self.width - hang)


def draw_thumbnails(
    ax: Axes, theme: Theme, plan: Plan, pictures: Sequence[Image.Image], room: Room
) -> None:
    """Draw a picture of each of ``plan.frames`` above 1, with its time and a line to the band.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its x are seconds, its y what is shown, from 0 to 1, and above that the pictures.
    theme : Theme
        The colours.
    plan : Plan
        The plan.
    pictures : sequence of PIL.Image.Image
        One a frame.
    room : Room
        The room that ``ax`` gives.
    """
    (low, high), top = ax.get_xlim(), ax.get_ylim()[1]
    per_inch = ((high - low) / room.width, (top - 1) / room.height)
    times_s = [frame.time_s for frame in plan.frames]
    centres = room.centres([(time_s - low) / per_inch[0] for time_s in times_s])
    labels, size = _labels(times_s, room.box[0] + _GAP / 2)
    for index, letter in enumerate(sheet_letters(plan)):
        width, height = room.size(pictures[index])
        center = low + centres[index] * per_inch[0]
        left, bottom = center - width / 2 * per_inch[0], 1 + room.bottom(index) * per_inch[1]
        box = (left, bottom, width * per_inch[0], height * per_inch[1])
        color, above = PALETTE[index % len(PALETTE)], bottom + box[3]
        knee = 1 + (_LEADERS - 0.06) * per_inch[1]
        points = [(times_s[index], y) for y in (0.0, 1.0)] + [(center, knee), (center, bottom)]
        draw_line(ax, points, color, linewidth=1.3)
        _draw_marker(ax, theme, times_s[index], color)
        draw_picture(ax, pictures[index], box, zorder=5)
        draw_rectangle(ax, box, edge=color, linewidth=1.8, zorder=6)
        if labels:
            y = above + 0.035 * per_inch[1]
            how = {"color": theme.ink, "fontsize": size, "ha": "center", "va": "bottom"}
            write(ax, center, y, labels[index], **how)
        if letter:
            _draw_letter(ax, letter, left + 0.03 * per_inch[0], above - 0.03 * per_inch[1])


def _draw_marker(ax: Axes, theme: Theme, time_s: float, color: str) -> None:
    from matplotlib.lines import Line2D

    marker = Line2D(
        [time_s],
        [1.0],
        marker="v",
        markersize=5,
        color=color,
        markeredgecolor=theme.paper,
        markeredgewidth=0.6,
        zorder=4,
    )
    ax.add_artist(marker)


def _draw_letter(ax: Axes, letter: str, left: float, top: float) -> None:
    write(
        ax,
        left,
        top,
        letter,
        color="white",
        fontsize=SMALL - 2,
        fontweight="bold",
        ha="left",
        va="top",
        zorder=7,
        bbox={"boxstyle": "square,pad=0.15", "facecolor": "#202124", "linewidth": 0},
    )


def _labels(times_s: Sequence[float], width: float) -> tuple[list[str], float]:
    """Return the times as they fit ``width`` inches, and their size in points; none if none do."""
    for texts in ([f"{tenths(t)} s" for t in times_s], [tenths(t) for t in times_s]):
        for size in (BODY, SMALL, SMALL - 1):
            if texts and max(text_width_in(text, size) for text in texts) <= width:
                return texts, size
    return [], SMALL
