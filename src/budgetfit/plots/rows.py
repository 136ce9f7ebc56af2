"""Pictures in rows, all in one scale, on paper of given or of free height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budgetfit.plots.lettering import text_width_in
from budgetfit.plots.style import BODY, SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from PIL import Image

__all__ = ["CAPTION_FONTS", "LINE_IN", "Cell", "Rows", "compact_rows", "largest_rows"]

CAPTION_FONTS = ((BODY, "bold"), (SMALL, "normal"), (SMALL, "normal"))
"""Size in points and weight of each line of a caption."""

# Inches.
LINE_IN = 0.18
"""Height of a line of a caption."""
_GAP = 0.16
_TALLEST = 6.5
# A pixel of a picture is at most a hundredth of an inch, as on a screen.
_LARGEST_SCALE = 1 / 100
_SCALE_STEP = 0.985
# Where captions are still in proportion to the pictures, and where even bare ones end.
_SMALLEST_SCALE, _SMALLEST_BARE_SCALE = 1 / 800, 1 / 20_000


class Cell(NamedTuple):
    """A picture's place in inches: its left and bottom, its width and height."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Rows:
    """How pictures lie.

    Attributes
    ----------
    cells : tuple of Cell
        One a picture, from the top, which is 0, downwards.
    num_lines : int
        Lines of the captions below them.
    width, height : float
        Inches of all, captions included.
    """

    cells: tuple[Cell, ...]
    num_lines: int
    width: float
    height: float

    @classmethod
    def of(
        cls, sizes: Sequence[tuple[float, float]], captions: Sequence[Sequence[float]], width: float
    ) -> Rows:
        """Wrap pictures of these sizes, with captions whose lines are this long, as words are.

        ``captions`` are one list of lines a picture; all have as many.
        """
        num_lines = len(captions[0]) if captions else 0
        below = num_lines * LINE_IN + (0.08 if num_lines else 0.0)
        rows: list[list[tuple[float, float, float, float]]] = [[]]
        x = 0.0
        for (across, up), lines in zip(sizes, captions, strict=True):
            taken = max([across, *lines])
            # As wide as the paper is not too wide.
            if rows[-1] and x + taken > width + 1e-9:
                rows.append([])
                x = 0.0
            rows[-1].append((x, across, up, taken))
            x += taken + _GAP
        cells: list[Cell] = []
        y = _GAP
        for row in rows:
            base = y - _GAP - max((up for _, _, up, _ in row), default=0.0)
            cells += (Cell(left, base, across, up) for left, across, up, _ in row)
            y = base - below
        used = max((left + taken for row in rows for left, _, _, taken in row), default=0.0)
        return cls(tuple(cells), num_lines, used, -y)

    @property
    def emptiness(self) -> float:
        """Share of the paper that is left empty, and how much taller it is than a screen."""
        pictures = sum(cell.width * cell.height for cell in self.cells)
        empty = 1 - pictures / (self.width * self.height) if pictures else 0.0
        return empty + max(0.0, self.height / _TALLEST - 1)


def compact_rows(
    images: Sequence[Image.Image], captions: Sequence[Sequence[str]], width: float
) -> Rows:
    """Return the layout on at most ``width`` inches that leaves least paper empty."""
    return min(_scaled(images, captions, width, _SMALLEST_SCALE), key=lambda rows: rows.emptiness)


def largest_rows(
    images: Sequence[Image.Image], captions: Sequence[Sequence[str]], room: tuple[float, float]
) -> Rows:
    """Return the layout at the largest scale that fits ``room``, in inches.

    Where pictures with whole captions would be tiny, captions are the first line or none.
    """
    for num_lines in (3, 1):
        shortened = [lines[:num_lines] for lines in captions]
        found = _first_inside(_scaled(images, shortened, room[0], _SMALLEST_SCALE), room)
        if found is not None:
            return found
    bare = list(_scaled(images, [()] * len(images), room[0], _SMALLEST_BARE_SCALE))
    return _first_inside(bare, room) or bare[-1]


def _first_inside(every: Iterable[Rows], room: tuple[float, float]) -> Rows | None:
    fitting = (rows for rows in every if rows.width <= room[0] and rows.height <= room[1])
    return next(fitting, None)


def _scaled(
    images: Sequence[Image.Image], captions: Sequence[Sequence[str]], width: float, smallest: float
) -> Iterator[Rows]:
    """Yield layouts ``width`` inches wide, from the largest scale to the smallest."""
    lengths = [
        [
            text_width_in(line, size, weight=weight)
            for line, (size, weight) in zip(lines, CAPTION_FONTS, strict=False)
        ]
        for lines in captions
    ]
    widest = max((image.width for image in images), default=1)
    scale = min(_LARGEST_SCALE, width / widest)
    while scale >= smallest:
        sizes = [(image.width * scale, image.height * scale) for image in images]
        yield Rows.of(sizes, lengths, width)
        scale *= _SCALE_STEP
