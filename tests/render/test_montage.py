"""A sheet's tiles are the frames, pixel for pixel, and labels keep to their strips."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from budgetfit.errors import UsageError
from budgetfit.render.montage import draw_montage
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from tests.render.plans import noise

SIDE = 16
GREY, STRIP = (128, 128, 128), (24, 24, 24)

Pixels = npt.NDArray[np.uint8]

plain_sheets = st.builds(
    SheetGrid,
    columns=st.integers(1, 4),
    rows=st.integers(1, 4),
    tile=st.builds(ImageGrid, columns=st.integers(1, 8), rows=st.integers(1, 8)),
)
labelled_sheets = st.builds(
    SheetGrid,
    columns=st.integers(1, 4),
    rows=st.integers(1, 4),
    tile=st.builds(ImageGrid, columns=st.integers(3, 8), rows=st.integers(1, 8)),
    label_rows=st.just(1),
)
times = st.floats(0, 99_999)


def frames_of(sheet: SheetGrid) -> list[Image.Image]:
    return [noise(*sheet.tile_size(SIDE), seed) for seed in range(sheet.num_tiles)]


def tile_of(image: Pixels, sheet: SheetGrid, index: int) -> Pixels:
    (left, top), (width, height) = sheet.tile_corner(index, SIDE), sheet.tile_size(SIDE)
    return image[top : top + height, left : left + width]


def strip_of(image: Pixels, sheet: SheetGrid, index: int) -> Pixels:
    """The pixels above a tile, without the separator between."""
    (left, top), (width, _) = sheet.tile_corner(index, SIDE), sheet.tile_size(SIDE)
    return image[top - 1 - sheet.label_rows * SIDE : top - 1, left : left + width]


@settings(max_examples=50)
@given(plain_sheets)
def test_tiles_lie_in_grey(sheet: SheetGrid) -> None:
    frames = frames_of(sheet)
    image = np.array(draw_montage(frames, [0.0] * len(frames), sheet, SIDE))
    assert image.shape == (sheet.grid.rows * SIDE, sheet.grid.columns * SIDE, 3)
    for index, frame in enumerate(frames):
        tile = tile_of(image, sheet, index)
        assert np.array_equal(tile, np.asarray(frame))
        tile[:] = GREY
    assert (image == GREY).all()


@settings(max_examples=50)
@given(labelled_sheets, st.data())
def test_labels_keep_to_their_strips(sheet: SheetGrid, data: st.DataObject) -> None:
    frames = frames_of(sheet)
    times_s = [data.draw(times) for _ in frames]
    image = np.array(draw_montage(frames, times_s, sheet, SIDE))
    for index, frame in enumerate(frames):
        tile, strip = tile_of(image, sheet, index), strip_of(image, sheet, index)
        assert np.array_equal(tile, np.asarray(frame))
        assert np.array_equal(strip[:, 0], [STRIP] * SIDE), "nothing may be cut off at the side"
        assert np.array_equal(strip[:, -1], [STRIP] * SIDE)
        assert (strip > 200).any()
        tile[:] = strip[:] = GREY
    assert (image == GREY).all()


@pytest.mark.parametrize("columns", [3, 7])
def test_labels_are_told_apart_and_stand_on_one_line(columns: int) -> None:
    sheet = SheetGrid(5, 1, ImageGrid(columns, 4), 1)
    times_s = [0.0, 0.1, 12.4, 83.2, 84.2]
    image = np.asarray(draw_montage(frames_of(sheet), times_s, sheet, SIDE))
    strips = [strip_of(image, sheet, index) for index in range(5)]
    assert len({strip.tobytes() for strip in strips}) == 5
    lines = {tuple(np.flatnonzero((strip > 100).any(axis=(1, 2)))[[0, -1]]) for strip in strips}
    assert len(lines) == 1
    ((first, last),) = lines
    assert 1 <= first <= 4
    assert 11 <= last <= 14


def test_narrow_tiles_get_numbers_alone() -> None:
    """In 30 pixels four digits are larger without brackets and unit than they would be with."""
    sheet = SheetGrid(2, 1, ImageGrid(2, 4), 1)
    image = np.asarray(draw_montage(frames_of(sheet), [123.4, 5.0], sheet, SIDE))
    for index, num_glyphs in enumerate((5, 3)):
        inked = (strip_of(image, sheet, index) > 60).any(axis=(0, 2))
        starts = np.flatnonzero(inked & ~np.roll(inked, 1))
        assert 1 <= len(starts) <= num_glyphs
        assert inked.sum() >= 4 * num_glyphs - 4


def test_a_label_that_cannot_be_drawn_is_refused() -> None:
    sheet = SheetGrid(2, 1, ImageGrid(1, 4), 1)
    with pytest.raises(UsageError, match=r"\[1234.5 s\] is too wide for a tile of 14 pixels"):
        draw_montage(frames_of(sheet), [0.0, 1234.5], sheet, SIDE)


@pytest.mark.parametrize(("number", "size"), [(1, (110, 62)), (3, (110, 62)), (2, (112, 64))])
def test_frames_must_be_those_of_the_sheet(number: int, size: tuple[int, int]) -> None:
    sheet = SheetGrid(2, 1, ImageGrid(7, 4))
    with pytest.raises(UsageError, match="needs 2 frames of"):
        draw_montage([noise(*size, 0)] * number, [0.0] * number, sheet, SIDE)
