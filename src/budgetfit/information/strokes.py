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
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from budgetfit.information.scrolling import band_spectrum

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BLOCK", "StrokeMap", "stroke_area", "stroke_maps"]

# Pixels a side: two or three letters of a line on a screen, and a row fits one machine word.
BLOCK = 16

# Pixels that are averaged to one, along each side, before strokes are looked for.
_REDUCTIONS = (1, 2)

# What follows holds text and texture apart on all clips: see the areas of strokes in
# docs/measured/calibration.md.

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

# Blocks that are looked at together: half a megabyte, which stays in the processor's cache.
_MAX_AT_ONCE = 2048

_LOWER_15 = np.uint16(0x7FFF)
_UPPER_15 = np.uint16(0xFFFE)

LumaArray = npt.NDArray[np.uint8]
BitArray = npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float64]
IntpArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def ink_columns(self) -> BitArray:
        """(block_columns, num_rows) uint16: the ink by columns of blocks, in one piece."""
        columns = self.ink.transpose(2, 0, 1)
        return np.ascontiguousarray(columns.reshape(len(columns), -1))

    @cached_property
    def band_spectrum(self) -> npt.NDArray[np.complex64]:
        """(num_bands, num_frequencies) spectrum that tells how far a text was scrolled."""
        return band_spectrum(self.ink)


def stroke_maps(luma: LumaArray) -> tuple[StrokeMap, ...]:
    """Return the strokes of ``luma``, (rows, columns) uint8, finest first; none without any text.

    A text is in the finest map that shows it: coarser ones are without what finer ones have.
    """
    seen: list[tuple[_Blocks, npt.NDArray[np.bool_]]] = []
    for reduction in _REDUCTIONS:
        reduced = np.asarray(Image.fromarray(luma).reduce(reduction)) if reduction > 1 else luma
        if min(reduced.shape) < BLOCK:
            break
        blocks = _Blocks.of(reduced, reduction)
        is_stroke = _is_stroke(blocks)
        if seen:
            is_stroke &= ~_any_of_four(seen[-1][1], is_stroke.shape)
        seen.append((blocks, is_stroke))
    if not any(is_stroke.any() for _, is_stroke in seen):
        return ()
    return tuple(_stroke_map(blocks, is_stroke) for blocks, is_stroke in seen)


def stroke_area(maps: Sequence[StrokeMap]) -> float:
    """Return the share of a frame that is covered by blocks of text, in [0, 1]."""
    if not maps:
        return 0.0
    covered = sum(int(strokes.is_stroke.sum()) * strokes.block_area for strokes in maps)
    return covered / (maps[0].is_stroke.size * maps[0].block_area)


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """The blocks of a frame and their ranges.

    Attributes
    ----------
    pixel_size : int
        Side of a pixel in pixels of the luma.
    pixels : (block_rows, BLOCK, columns) uint8 array
        Whole blocks.
    low, contrast : (block_rows, block_columns) uint8 array
        Darkest pixel and range of each block.
    """

    pixel_size: int
    pixels: LumaArray
    low: LumaArray
    contrast: LumaArray

    @classmethod
    def of(cls, luma: LumaArray, pixel_size: int) -> _Blocks:
        """Cut ``luma`` into blocks; what is left over at the right and below is left out."""
        block_rows, block_columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
        inner = luma[: block_rows * BLOCK, : block_columns * BLOCK]
        pixels = np.ascontiguousarray(inner).reshape(block_rows, BLOCK, -1)
        low = _over_blocks(np.minimum, pixels)
        return cls(pixel_size, pixels, low, _over_blocks(np.maximum, pixels) - low)

    def chosen(self, places: tuple[IntpArray, IntpArray]) -> LumaArray:
        """Return the (num_chosen, BLOCK**2) pixels of the blocks in these rows and columns."""
        # A row of a block is one item, which is moved as a whole.
        rows = self.pixels.view(f"V{BLOCK}").transpose(0, 2, 1)
        return rows[places].view(np.uint8).reshape(-1, BLOCK**2)


def _over_blocks(extreme: np.ufunc, pixels: LumaArray) -> LumaArray:
    """Reduce (block_rows, BLOCK, columns) to the least or largest pixel of each block."""
    block_rows, _, columns = pixels.shape
    found: LumaArray = extreme.reduce(pixels, axis=1).ravel()
    # Doubling windows over all columns: NumPy is slow at many reductions of few items each.
    step = BLOCK // 2
    while step:
        found = extreme(found[:-step], found[step:])
        step //= 2
    return found[::BLOCK].reshape(block_rows, columns // BLOCK)


def _is_stroke(blocks: _Blocks) -> npt.NDArray[np.bool_]:
    """Tell (block_rows, block_columns) which blocks are part of a text."""
    found = blocks.contrast >= _MIN_CONTRAST
    row, column = np.nonzero(found)
    for first in range(0, len(row), _MAX_AT_ONCE):
        places = row[first : first + _MAX_AT_ONCE], column[first : first + _MAX_AT_ONCE]
        above = blocks.chosen(places) - blocks.low[places][:, None]
        found[places] = _is_stroke_like(above, blocks.contrast[places])
    return found & _in_runs(found)


def _is_stroke_like(above: LumaArray, contrast: LumaArray) -> npt.NDArray[np.bool_]:
    """Tell of (num_blocks, BLOCK**2) pixels, their darkest taken off, whether they look like text.

    Each test is made of those blocks alone that passed the one before.
    """
    found = _is_ink_on_ground(above, contrast)
    if found.any():
        ink = _packed(above[found] > (contrast[found] // 2)[:, None])
        found[found] = _changes_like_letters(ink)
    return found


def _stroke_map(blocks: _Blocks, is_stroke: npt.NDArray[np.bool_]) -> StrokeMap:
    middle = _wide(blocks.low + blocks.contrast // 2)
    ink = _rarer(_packed(blocks.pixels > middle), blocks.contrast)
    width = _stroke_width(ink, is_stroke) * blocks.pixel_size
    return StrokeMap(blocks.pixel_size, ink, blocks.contrast, is_stroke, width)


def _wide(blocks: LumaArray) -> LumaArray:
    """Repeat what each block has for its pixels, (block_rows, 1, columns)."""
    return np.repeat(blocks, BLOCK, axis=1)[:, None, :]


def _packed(pixels: npt.NDArray[np.bool_]) -> BitArray:
    """Pack every ``BLOCK`` pixels of rows into one word."""
    packed: BitArray = np.packbits(pixels, axis=-1).view(">u2").astype(np.uint16)
    return packed


def _num_set(ink: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Count the ones of each block, whose rows are axis 1."""
    number: npt.NDArray[np.uint16] = np.bitwise_count(ink).sum(axis=1, dtype=np.uint16)
    return number


def _is_ink_on_ground(above: LumaArray, contrast: LumaArray) -> npt.NDArray[np.bool_]:
    """Tell of (num_blocks, BLOCK**2) pixels whether most are ink or ground, and many ground."""
    # Below the quarter the difference wraps round to a large number.
    between = _num_true(above - (contrast // 4)[:, None] <= (contrast // 2)[:, None])
    found = between < _MAX_BETWEEN * BLOCK**2
    above, contrast = above[found], contrast[found]
    eighth = contrast // 8
    dark = _num_true(above <= eighth[:, None])
    light = _num_true(above >= (contrast - eighth)[:, None])
    found[found] = np.maximum(dark, light) > _MIN_GROUND * BLOCK**2
    return found


def _num_true(pixels: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint16]:
    """Count the true pixels of each block, (num_blocks, BLOCK**2)."""
    return _sum_of_few(np.bitwise_count(np.packbits(pixels, axis=1).view(np.uint64)))


def _sum_of_few(counts: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Sum over the last axis, a short one, over which NumPy's own sums are slow."""
    total = counts[..., 0].astype(np.uint16)
    for index in range(1, counts.shape[-1]):
        total += counts[..., index]
    return total


def _changes_like_letters(ink: BitArray) -> npt.NDArray[np.bool_]:
    """Tell of (num_blocks, BLOCK) rows of ink whether changes are many and of no one direction."""
    # Below the last row there is nothing that changes.
    above, below = ink[:, :-1], ink[:, 1:]
    between_rows = np.zeros((3, *ink.shape), dtype=np.uint16)
    between_rows[0, :, :-1] = above ^ below
    between_rows[1, :, :-1] = (below ^ (above >> 1)) & _LOWER_15
    between_rows[2, :, :-1] = (below ^ (above << 1)) & _UPPER_15
    along_row = _num_changes((ink ^ (ink >> 1)) & _LOWER_15)
    along_column, falling, rising = _num_changes(between_rows)
    coherence = np.hypot(
        (along_row - along_column) / np.maximum(along_row + along_column, 1.0),
        (falling - rising) / np.maximum(falling + rising, 1.0),
    )
    found: npt.NDArray[np.bool_] = (
        (along_row > _MIN_CHANGES_ALONG_ROW * BLOCK)
        & (along_column > _MIN_CHANGES_ALONG_COLUMN * BLOCK)
        & (coherence < _MAX_COHERENCE)
    )
    return found


def _num_changes(bits: npt.NDArray[Any]) -> FloatArray:
    """Count the ones of (..., BLOCK) rows."""
    return _sum_of_few(np.bitwise_count(bits.view(np.uint64))).astype(np.float64)


def _in_runs(is_alike: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether enough of a block's neighbours along the row are stroke-like."""
    half = _RUN // 2
    rows, columns = is_alike.shape
    padded = np.zeros((rows, columns + 2 * half), dtype=np.uint8)
    padded[:, half : half + columns] = is_alike
    number = padded[:, :columns].copy()
    for right in range(1, _RUN):
        number += padded[:, right : right + columns]
    return number >= _MIN_IN_RUN


def _any_of_four(finer: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Whether any of the up to four finer blocks at a block's place is set."""
    rows, columns = shape
    four = np.zeros((2 * rows, 2 * columns), dtype=bool)
    inside = finer[: 2 * rows, : 2 * columns]
    four[: inside.shape[0], : inside.shape[1]] = inside
    return np.asarray(four.reshape(rows, 2, columns, 2).any(axis=(1, 3)))


def _rarer(ink: BitArray, contrast: LumaArray) -> BitArray:
    """Make the rarer side of each block 1, and all of blocks without contrast 0."""
    inverted = np.where(_num_set(ink) > BLOCK**2 // 2, np.uint16(0xFFFF), np.uint16(0))
    seen = np.where(contrast >= _MIN_CONTRAST, np.uint16(0xFFFF), np.uint16(0))
    rarer: BitArray = (ink ^ inverted[:, None, :]) & seen[:, None, :]
    return rarer


def _stroke_width(ink: BitArray, is_stroke: npt.NDArray[np.bool_]) -> FloatArray:
    """Return twice the ink over its outline, the width of a long line; one mean a row of blocks."""
    strokes = ink.transpose(0, 2, 1)[is_stroke]
    outline = _num_set((strokes ^ (strokes >> 1)) & _LOWER_15).astype(np.float64)
    outline += _num_set(strokes[:, :-1] ^ strokes[:, 1:])
    ratio = 2.0 * _num_set(strokes) / outline
    row = np.nonzero(is_stroke)[0]
    number = np.maximum(np.bincount(row), 1)
    width: FloatArray = np.exp(np.bincount(row, weights=np.log(ratio)) / number)[row]
    return width
