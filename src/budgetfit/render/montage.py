"""A sheet's pixels: frames in their tiles, grey between them, times above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.tokens.sheets import SheetGrid

__all__ = ["draw_montage"]

_SEPARATOR = (128, 128, 128)
_STRIP = (24, 24, 24)
_INK = (255, 255, 255)
# Sizes of the font in shares of a strip's height: the largest whose letters stay inside it, the
# smallest that is still read where the label is whole, and where it is the number alone.
_LARGEST, _SMALLEST_WHOLE, _SMALLEST = 14 / 16, 10 / 16, 7 / 16


def draw_montage(
    frames: Sequence[Image.Image],
    sheet: SheetGrid,
    side: int,
    *,
    labels: Sequence[str] | None = None,
) -> Image.Image:
    """Return the sheet on which each of ``frames`` is a tile, row by row.

    A label is drawn as large as its strip allows, at most as wide as its tile: smaller where that
    is needed, and without brackets and unit (``"83.2"`` for ``"[83.2 s]"``) where it would become
    too small.

    Parameters
    ----------
    frames : sequence of PIL.Image.Image
        RGB, each of the size ``sheet.tile_size(side)``.
    sheet : SheetGrid
        Where the tiles lie; its ``label_rows`` are for the labels.
    side : int
        Pixels of a patch's side.
    labels : sequence of str, optional
        The text above each tile.

    Returns
    -------
    PIL.Image.Image
        RGB, whole patches, with mid grey (128) between the tiles.

    Raises
    ------
    UsageError
        The frames or labels are not those of such a sheet, or a label is too wide for its tile.
    """
    _check(frames, sheet, side, labels)
    image = Image.new("RGB", (sheet.grid.columns * side, sheet.grid.rows * side), _SEPARATOR)
    brush = ImageDraw.Draw(image)
    for index, frame in enumerate(frames):
        left, top = sheet.tile_corner(index, side)
        image.paste(frame, (left, top))
        if labels is not None:
            height = sheet.label_rows * side
            # The separator above the tile stays.
            box = (left, top - 1 - height, left + frame.width, top - 1)
            _draw_label(brush, labels[index], box)
    return image


def _check(
    frames: Sequence[Image.Image], sheet: SheetGrid, side: int, labels: Sequence[str] | None
) -> None:
    if len(frames) != sheet.num_tiles or any(f.size != sheet.tile_size(side) for f in frames):
        raise UsageError(
            f"a sheet needs {sheet.num_tiles} frames of {sheet.tile_size(side)} pixels; "
            f"{len(frames)} are given, of {sorted({frame.size for frame in frames})}"
        )
    if len(labels or ()) != (sheet.num_tiles if sheet.label_rows else 0):
        raise UsageError(
            f"{len(labels or ())} labels are given for a sheet of {sheet.num_tiles} tiles with "
            f"label_rows {sheet.label_rows}; give one a tile, or no label_rows and no labels"
        )


def _draw_label(brush: ImageDraw.ImageDraw, label: str, box: tuple[int, int, int, int]) -> None:
    """Draw ``label`` centred in ``box``: left, top, right, bottom, the last two excluded."""
    left, top, right, bottom = box
    brush.rectangle((left, top, right - 1, bottom - 1), _STRIP)
    text, font = _fitting(label, right - left, bottom - top)
    # Centred as digits are, so that all labels stand on one line.
    baseline = (top + bottom - 1 - font.getbbox("0", anchor="ls")[1]) / 2
    brush.text(((left + right) / 2, round(baseline)), text, _INK, font, anchor="ms")


def _fitting(
    label: str, width: int, height: int
) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    for text, size in _drawings(label, height):
        font = ImageFont.load_default(size)
        if font.getlength(text) <= width:
            return text, font
    raise UsageError(
        f"the time label {label!r} is too wide for a tile of {width} pixels; "
        "plan without time_labels or without montage"
    )


def _drawings(label: str, height: int) -> Iterator[tuple[str, int]]:
    """Yield texts and sizes of the font, the best first."""
    largest = round(_LARGEST * height)
    number = label.strip("[]").split(" ")[0]
    for text, smallest in ((label, _SMALLEST_WHOLE), (number, _SMALLEST)):
        for size in range(largest, round(smallest * height) - 1, -1):
            yield text, size
