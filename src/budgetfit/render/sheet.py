"""Pictures in rows, with captions, headings and a bar of their tokens, drawn on one sheet."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_HEIGHT", "MAX_WIDTH", "Section", "Tile", "draw_sheet"]

# Pixels of the largest sheet: what a large screen shows, twice as high.
MAX_WIDTH = 2000
MAX_HEIGHT = 3000

_MARGIN = 40
_GAP = 24
_MIN_CONTENT_WIDTH = 640
_TITLE, _LINE, _CAPTION = 28, 17, 15
_LEADING = 1.4
_BAR_HEIGHT = 14
# The shape that rows are wrapped for: a screen's.
_ASPECT = 1.6
_WRAP_STEP = 8
_SCALE_STEP = 0.97

_PAPER = (251, 250, 247)
_INK = (32, 33, 36)
_GREY = (105, 107, 112)
_EDGE = (214, 212, 206)
_UNUSED = (229, 227, 221)
_TEXT_COLOR = (176, 90, 46)
_PICTURE_COLORS = ((38, 92, 138), (92, 145, 188))


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture and its caption.

    Attributes
    ----------
    image : PIL.Image.Image
        The picture, RGB.
    name, size : str
        What it is called, such as its time, and its size in words.
    num_tokens : int
        Prompt tokens that it costs.
    """

    image: Image.Image
    name: str
    size: str
    num_tokens: int

    @property
    def captions(self) -> tuple[str, str]:
        """The two lines below the picture."""
        return self.name, f"{self.size}, {self.num_tokens} tokens"


@dataclass(frozen=True, slots=True)
class Section:
    """Pictures under a heading.

    Attributes
    ----------
    title : str
        Heading; shortened to the width of the sheet.
    lines : tuple of str
        What is said below it.
    tiles : tuple of Tile
        The pictures, in reading order.
    num_text_tokens, max_prompt_tokens : int
        Tokens of the request without its pictures, and its room.
    """

    title: str
    lines: tuple[str, ...]
    tiles: tuple[Tile, ...]
    num_text_tokens: int
    max_prompt_tokens: int


def draw_sheet(sections: Sequence[Section], *, scale: float = 1.0) -> Image.Image:
    """Draw ``sections`` below each other, all pictures at ``scale`` or less, by one factor.

    Returns
    -------
    PIL.Image.Image
        RGB, at most ``MAX_WIDTH`` x ``MAX_HEIGHT`` pixels as long as the captions alone fit.
    """
    layout = _Layout(sections, scale)
    while not layout.fits and layout.scale > 0.05:
        layout = _Layout(sections, layout.scale * _SCALE_STEP)
    return layout.draw()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A tile at its scale; its caption may be wider than its picture."""

    tile: Tile
    picture: tuple[int, int]
    width: int


class _Layout:
    """Where everything goes at one scale."""

    def __init__(self, sections: Sequence[Section], scale: float) -> None:
        self.scale = scale
        self._sections = sections
        self._fonts = {size: ImageFont.load_default(size) for size in (_TITLE, _LINE, _CAPTION)}
        cells = [[self._cell(tile) for tile in section.tiles] for section in sections]
        widest = max(cell.width for row in cells for cell in row)
        narrowest = max(widest, _MIN_CONTENT_WIDTH)
        widest_allowed = max(MAX_WIDTH - 2 * _MARGIN, narrowest)
        wrapped = (
            [_rows(row, width) for row in cells]
            for width in range(widest_allowed, narrowest - 1, -_WRAP_STEP)
        )
        self._rows = min(wrapped, key=self._ugliness)
        self._width = max(_MIN_CONTENT_WIDTH, *map(_row_width, itertools.chain(*self._rows)))
        self._height = self._content_height(self._rows)

    @property
    def fits(self) -> bool:
        """Whether the sheet is within its bounds."""
        width, height = self._sheet_size
        return width <= MAX_WIDTH and height <= MAX_HEIGHT

    @property
    def _sheet_size(self) -> tuple[int, int]:
        return self._width + 2 * _MARGIN, self._height + 2 * _MARGIN

    def draw(self) -> Image.Image:
        """Return the sheet."""
        sheet = Image.new("RGB", self._sheet_size, _PAPER)
        brush = ImageDraw.Draw(sheet)
        y = _MARGIN
        for section, rows in zip(self._sections, self._rows, strict=True):
            y = self._draw_heading(brush, section, y)
            for row in rows:
                y = self._draw_row(sheet, brush, row, y) + _GAP
            y += _GAP
        return sheet

    def _cell(self, tile: Tile) -> _Cell:
        font = self._fonts[_CAPTION]
        width, height = (max(1, round(side * self.scale)) for side in tile.image.size)
        caption = max(math.ceil(font.getlength(line)) for line in tile.captions)
        return _Cell(tile, (width, height), max(width, caption))

    def _ugliness(self, rows: list[list[list[_Cell]]]) -> float:
        """How far from a screen's shape, and how much paper is left empty."""
        used = max(_MIN_CONTENT_WIDTH, *map(_row_width, itertools.chain(*rows)))
        height = self._content_height(rows)
        pictures = sum(
            cell.picture[0] * cell.picture[1] for section in rows for row in section for cell in row
        )
        return abs(math.log(used / height / _ASPECT)) + 2 * (1 - pictures / (used * height))

    def _content_height(self, rows: list[list[list[_Cell]]]) -> int:
        headings = sum(self._heading_height(section) for section in self._sections)
        below = sum(_row_height(row) + _GAP for section in rows for row in section)
        return headings + below - _GAP + (len(rows) - 1) * _GAP

    def _heading_height(self, section: Section) -> int:
        return (
            _leading(_TITLE)
            + len(section.lines) * _leading(_LINE)
            + _leading(_LINE) // 2
            + _BAR_HEIGHT
            + _GAP
        )

    def _draw_heading(self, brush: ImageDraw.ImageDraw, section: Section, y: int) -> int:
        end = y + self._heading_height(section)
        font = self._fonts[_TITLE]
        brush.text((_MARGIN, y), _fitting(section.title, font, self._width), _INK, font)
        y += _leading(_TITLE)
        for line in section.lines:
            font = self._fonts[_LINE]
            brush.text((_MARGIN, y), _fitting(line, font, self._width), _GREY, font)
            y += _leading(_LINE)
        self._draw_bar(brush, section, y + _leading(_LINE) // 2)
        return end

    def _draw_bar(self, brush: ImageDraw.ImageDraw, section: Section, y: int) -> None:
        right, bottom = _MARGIN + self._width - 1, y + _BAR_HEIGHT - 1
        brush.rectangle((_MARGIN, y, right, bottom), _UNUSED)
        parts = [(section.num_text_tokens, _TEXT_COLOR)]
        parts += [
            (tile.num_tokens, _PICTURE_COLORS[number % 2])
            for number, tile in enumerate(section.tiles)
        ]
        done = 0
        for num_tokens, color in parts:
            left = _MARGIN + done * self._width // section.max_prompt_tokens
            done += num_tokens
            end = _MARGIN + done * self._width // section.max_prompt_tokens - 1
            brush.rectangle((left, y, max(left, end), bottom), color)

    def _draw_row(
        self, sheet: Image.Image, brush: ImageDraw.ImageDraw, row: list[_Cell], y: int
    ) -> int:
        base = y + max(cell.picture[1] for cell in row)
        x = _MARGIN
        for cell in row:
            width, height = cell.picture
            picture = cell.tile.image
            if picture.size != cell.picture:
                picture = picture.resize(cell.picture, Image.Resampling.LANCZOS)
            brush.rectangle((x - 1, base - height - 1, x + width, base), outline=_EDGE)
            sheet.paste(picture, (x, base - height))
            for number, (line, color) in enumerate(
                zip(cell.tile.captions, (_INK, _GREY), strict=True)
            ):
                brush.text(
                    (x, base + 6 + number * _leading(_CAPTION)), line, color, self._fonts[_CAPTION]
                )
            x += cell.width + _GAP
        return y + _row_height(row)


def _rows(cells: Sequence[_Cell], width: int) -> list[list[_Cell]]:
    """Wrap ``cells`` as words are wrapped."""
    rows: list[list[_Cell]] = []
    for cell in cells:
        if rows and _row_width([*rows[-1], cell]) <= width:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


def _row_width(row: Sequence[_Cell]) -> int:
    return sum(cell.width for cell in row) + (len(row) - 1) * _GAP


def _row_height(row: Sequence[_Cell]) -> int:
    return max(cell.picture[1] for cell in row) + 6 + 2 * _leading(_CAPTION)


def _leading(font_size: int) -> int:
    return round(font_size * _LEADING)


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text + "..."
