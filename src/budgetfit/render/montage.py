"""A sheet's pixels: frames in their tiles, grey between them, times above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from budgetfit.errors import UsageError
from budgetfit.time_labels import tenths, time_label
from budgetfit.tokens.sheets import SEPARATOR_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.tokens.sheets import SheetGrid

    _Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

__all__ = ["draw_montage"]

_SEPARATOR = (128, 128, 128)
_STRIP = (24, 24, 24)
_INK = (255, 255, 255)
# Sizes of the font in shares of a strip's height: the largest whose letters stay inside it, the
# smallest that is still read where the label is whole, and where it is the number alone.
_LARGEST, _SMALLEST_WHOLE, _SMALLEST = 14 / 16, 10 / 16, 7 / 16


def draw_montage(
    frames: Sequence[Image.Image], times_s: Sequence[float], sheet: SheetGrid, side: int
) -> Image.Image:
    """Return the sheet on which each of ``frames`` is a tile, row by row.

    Where it has rows for labels, each tile's time is drawn above it, as large as the rows allow and
    no wider than the tile: all times smaller where one needs it, and all without brackets and unit
    (``"83.2"`` for ``"[83.2 s]"``) where they would become too small.

    Parameters
    ----------
    frames : sequence of PIL.Image.Image
        RGB, each of the size ``sheet.tile_size(side)``.
    times_s : sequence of float
        When each frame is shown, in seconds.
    sheet : SheetGrid
        Where the tiles lie.
    side : int
        Pixels of a patch's side.

    Returns
    -------
    PIL.Image.Image
        RGB, whole patches, with mid grey (128) between the tiles.

    Raises
    ------
    UsageError
        The frames are not those of such a sheet, or a time is too wide for its tile.
    """
    _check(frames, sheet, side)
    image = Image.new("RGB", (sheet.grid.columns * side, sheet.grid.rows * side), _SEPARATOR)
    brush = ImageDraw.Draw(image)
    corners = [sheet.tile_corner(index, side) for index in range(sheet.num_tiles)]
    for frame, corner in zip(frames, corners, strict=True):
        image.paste(frame, corner)
    if sheet.label_rows:
        width, height = sheet.tile_size(side)[0], sheet.label_rows * side
        texts, font = _fitting(times_s, width, height)
        for text, (left, top) in zip(texts, corners, strict=True):
            # The separator above the tile stays.
            box = (left, top - SEPARATOR_SIDE - height, left + width, top - SEPARATOR_SIDE)
            _draw_label(brush, text, font, box)
    return image


def _check(frames: Sequence[Image.Image], sheet: SheetGrid, side: int) -> None:
    size = sheet.tile_size(side)
    if len(frames) != sheet.num_tiles or any(frame.size != size for frame in frames):
        raise UsageError(
            f"a sheet needs {sheet.num_tiles} frames of {size[0]}x{size[1]} pixels; "
            f"{len(frames)} are given, of {sorted({frame.size for frame in frames})}"
        )


def _draw_label(
    brush: ImageDraw.ImageDraw, text: str, font: _Font, box: tuple[int, int, int, int]
) -> None:
    """Draw ``text`` centred in ``box``: left, top, right, bottom, the last two excluded."""
    left, top, right, bottom = box
    brush.rectangle((left, top, right - 1, bottom - 1), _STRIP)
    # Centred as brackets are, whatever the text, so that all labels stand on one line.
    _, above, _, below = font.getbbox("[]", anchor="ls")
    baseline = (top + bottom - above - below) // 2
    brush.text(((left + right) / 2, baseline), text, _INK, font, anchor="ms")


def _fitting(times_s: Sequence[float], width: int, height: int) -> tuple[list[str], _Font]:
    """Return the labels as drawn, all alike, and their font."""
    for write, smallest in ((time_label, _SMALLEST_WHOLE), (tenths, _SMALLEST)):
        texts = [write(time_s) for time_s in times_s]
        for size in range(round(_LARGEST * height), round(smallest * height) - 1, -1):
            font = ImageFont.load_default(size)
            # A pixel on either side, so that nothing rounds into the separators.
            if max(map(font.getlength, texts)) <= width - 2:
                return texts, font
    raise UsageError(
        f"the time label {time_label(max(times_s))} is too wide for a tile of {width} pixels; "
        "plan without time_labels or without montage"
    )
