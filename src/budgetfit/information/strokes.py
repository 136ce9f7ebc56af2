r"""The strokes of text in a frame, told from texture.

A frame is cut into blocks of 16 x 16 pixels, each made black and white at the middle of its range.
A block is *stroke-like* where

- the range is wide: letters are there to be seen;
- few pixels lie in the middle of the range, and many at one end of it: ink on plain ground, where
  leaves, grass and noise fill the whole range;
- rows and columns change between ink and ground often enough: an edge or a rule does so once;
- the changes have no common direction. With :math:`n_x, n_y, n_1, n_2` the changes along rows,
  columns and the two diagonals, :math:`|((n_x - n_y) / (n_x + n_y), (n_1 - n_2) / (n_1 + n_2))|`
  is near 1 for slats, tiles and fences, whatever their slope, and small for letters;
- most of its neighbours along the row are stroke-like too: text runs in lines.

The same is done at half the resolution for larger letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BLOCK", "StrokeMap", "stroke_area", "stroke_maps"]

# Pixels a side: two or three letters of a line on a screen, and a row fits one machine word.
BLOCK = 16

# Pixels that are averaged to one, along each side, before strokes are looked for.
_REDUCTIONS = (1, 2)

# What follows holds text and texture apart on all clips; scripts/calibrate_text.py shows the area
# of strokes on each when a bound is moved.

# In 8-bit steps. Below it, letters cannot be told from the noise of coding.
_MIN_CONTRAST = 40

# Share of pixels in the middle half of the range, and in the eighth at one end of it.
_MAX_BETWEEN = 0.35
_MIN_GROUND = 0.35

# Changes per row and per column of a block.
_MIN_CHANGES_ALONG_ROW = 1.25
_MIN_CHANGES_ALONG_COLUMN = 1.0

_MAX_COHERENCE = 0.5

# Of so many neighbours along the row, with the block itself, so many are stroke-like.
_RUN = 5
_MIN_IN_RUN = 3

_LOWER_15 = np.uint16(0x7FFF)
_UPPER_15 = np.uint16(0xFFFE)

LumaArray = npt.NDArray[np.uint8]
BitArray = npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StrokeMap:
    """The ink of a frame at one resolution, and which of its blocks are strokes.

    Attributes
    ----------
    pixel_size : int
        Side of a pixel of the map in pixels of the luma.
    ink : (block_rows, BLOCK, block_columns) uint16 array
        One bit a pixel: the rarer side of each block is 1. Blocks of little contrast are 0.
    contrast : (block_rows, block_columns) uint8 array
        Range of each block in 8-bit steps.
    is_stroke : (block_rows, block_columns) bool array
        Whether a block is part of a text.
    stroke_width : (num_strokes,) float array
        Width of the strokes of each stroke block, in pixels of the luma, row by row; the same for
        all blocks of a row, which is a line of text or a part of one.
    """

    pixel_size: int
    ink: BitArray
    contrast: LumaArray
    is_stroke: npt.NDArray[np.bool_]
    stroke_width: FloatArray

    @property
    def block_area(self) -> int:
        """Pixels of the luma in a block."""
        return (BLOCK * self.pixel_size) ** 2


def stroke_maps(luma: LumaArray) -> tuple[StrokeMap, ...]:
    """Return the strokes of ``luma``, (rows, columns) uint8, finest first.

    A text is in the finest map that shows it: coarser ones are without what finer ones have.
    """
    maps: list[StrokeMap] = []
    for reduction in _REDUCTIONS:
        reduced = np.asarray(Image.fromarray(luma).reduce(reduction)) if reduction > 1 else luma
        if min(reduced.shape) < BLOCK:
            break
        maps.append(_stroke_map(reduced, reduction, maps[-1].is_stroke if maps else None))
    return tuple(maps)


def stroke_area(maps: Sequence[StrokeMap]) -> float:
    """Return the share of a frame that is covered by blocks of text, in [0, 1]."""
    if not maps:
        return 0.0
    covered = sum(int(strokes.is_stroke.sum()) * strokes.block_area for strokes in maps)
    return covered / (maps[0].is_stroke.size * maps[0].block_area)


def _stroke_map(luma: LumaArray, pixel_size: int, finer: npt.NDArray[np.bool_] | None) -> StrokeMap:
    block_rows, block_columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    inner = luma[: block_rows * BLOCK, : block_columns * BLOCK]
    pixels = np.ascontiguousarray(inner).reshape(block_rows, BLOCK, -1)
    lowest, highest = (
        extreme(axis=1).reshape(block_rows, block_columns, BLOCK)
        for extreme in (pixels.min, pixels.max)
    )
    low: LumaArray = lowest.min(axis=2)
    contrast: LumaArray = highest.max(axis=2) - low
    above = pixels - _wide(low)
    ink = _packed(above > _wide(contrast // 2))
    is_plain = _is_ink_on_ground(above, contrast)
    along_row, along_column, coherence = _changes(ink)
    is_alike = (
        (contrast >= _MIN_CONTRAST)
        & is_plain
        & (along_row.sum(axis=1) > _MIN_CHANGES_ALONG_ROW * BLOCK)
        & (along_column > _MIN_CHANGES_ALONG_COLUMN * BLOCK)
        & (coherence < _MAX_COHERENCE)
    )
    is_stroke = is_alike & _in_runs(is_alike)
    if finer is not None:
        is_stroke &= ~_any_of_four(finer, is_stroke.shape)
    ink = _rarer(ink, contrast)
    width = _stroke_width(ink, along_row, along_column, is_stroke) * pixel_size
    return StrokeMap(pixel_size, ink, contrast, is_stroke, width)


def _wide(blocks: LumaArray) -> LumaArray:
    """Repeat what each block has for its pixels, (block_rows, 1, columns)."""
    return np.repeat(blocks, BLOCK, axis=1)[:, None, :]


def _packed(pixels: npt.NDArray[np.bool_]) -> BitArray:
    """Pack the rows of blocks, (block_rows, BLOCK, block_columns)."""
    packed: BitArray = np.packbits(pixels, axis=-1).view(">u2").astype(np.uint16)
    return packed


def _num_set(ink: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Count the ones of each block, (block_rows, block_columns)."""
    number: npt.NDArray[np.uint16] = np.bitwise_count(ink).sum(axis=1, dtype=np.uint16)
    return number


def _is_ink_on_ground(above: LumaArray, contrast: LumaArray) -> npt.NDArray[np.bool_]:
    """Whether few pixels lie between ink and ground, and many at one of them."""
    quarter, eighth = contrast // 4, contrast // 8
    # Below the quarter the difference wraps round to a large number.
    between = _num_set(_packed(above - _wide(quarter) <= _wide(contrast // 2)))
    dark = _num_set(_packed(above <= _wide(eighth)))
    light = _num_set(_packed(above >= _wide(contrast - eighth)))
    found: npt.NDArray[np.bool_] = (between < _MAX_BETWEEN * BLOCK**2) & (
        np.maximum(dark, light) > _MIN_GROUND * BLOCK**2
    )
    return found


def _changes(ink: BitArray) -> tuple[LumaArray, npt.NDArray[np.uint16], FloatArray]:
    """Return the changes of each row of a block, of all its columns, and their coherence."""
    along_row = np.bitwise_count((ink ^ (ink >> 1)) & _LOWER_15)
    above, below = ink[:, :-1], ink[:, 1:]
    along_column = _num_set(above ^ below)
    falling = _num_set((below ^ (above >> 1)) & _LOWER_15).astype(np.float64)
    rising = _num_set((below ^ (above << 1)) & _UPPER_15).astype(np.float64)
    across = along_row.sum(axis=1, dtype=np.float64)
    down = along_column.astype(np.float64)
    coherence: FloatArray = np.hypot(
        (across - down) / np.maximum(across + down, 1.0),
        (falling - rising) / np.maximum(falling + rising, 1.0),
    )
    return along_row, along_column, coherence


def _in_runs(is_alike: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether enough of a block's neighbours along the row are stroke-like."""
    half = _RUN // 2
    padded = np.pad(is_alike.astype(np.uint8), ((0, 0), (half, half)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _RUN, axis=1)
    return np.asarray(windows.sum(axis=2) >= _MIN_IN_RUN)


def _any_of_four(finer: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Whether any of the four finer blocks at a block's place is set."""
    rows, columns = shape
    even = finer[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
    return np.asarray(even.any(axis=(1, 3)))


def _rarer(ink: BitArray, contrast: LumaArray) -> BitArray:
    """Make the rarer side of each block 1, and all of blocks without contrast 0."""
    inverted = np.where(_num_set(ink) > BLOCK**2 // 2, np.uint16(0xFFFF), np.uint16(0))
    seen = np.where(contrast >= _MIN_CONTRAST, np.uint16(0xFFFF), np.uint16(0))
    rarer: BitArray = (ink ^ inverted[:, None, :]) & seen[:, None, :]
    return rarer


def _stroke_width(
    ink: BitArray, along_row: LumaArray, along_column: BitArray, is_stroke: npt.NDArray[np.bool_]
) -> FloatArray:
    """Return twice the ink over its outline, the width of a long line; one mean a row of blocks."""
    outline = along_row.sum(axis=1, dtype=np.float64) + along_column
    ratio = 2.0 * _num_set(ink)[is_stroke] / outline[is_stroke]
    row = np.nonzero(is_stroke)[0]
    number = np.maximum(np.bincount(row), 1)
    width: FloatArray = np.exp(np.bincount(row, weights=np.log(ratio)) / number)[row]
    return width
