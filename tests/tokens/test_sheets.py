"""Tiles lie on a sheet in cells of whole patches, none over another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import LABEL_ROWS, SEPARATOR_SIDE, SheetGrid

SIDE = 16

sheets = st.builds(
    SheetGrid,
    columns=st.integers(1, 6),
    rows=st.integers(1, 6),
    tile=st.builds(ImageGrid, columns=st.integers(1, 12), rows=st.integers(1, 12)),
    label_rows=st.sampled_from([0, LABEL_ROWS]),
)


@given(sheets)
def test_each_tile_lies_alone_inside_its_own_patches(sheet: SheetGrid) -> None:
    width, height = sheet.tile_size(SIDE)
    owners: dict[tuple[int, int], int] = {}
    for index in range(sheet.num_tiles):
        left, top = sheet.tile_corner(index, SIDE)
        assert left >= SEPARATOR_SIDE
        assert left + width + SEPARATOR_SIDE <= sheet.grid.columns * SIDE
        assert top + height + SEPARATOR_SIDE <= sheet.grid.rows * SIDE
        for column in range(left // SIDE, (left + width - 1) // SIDE + 1):
            for row in range(top // SIDE, (top + height - 1) // SIDE + 1):
                assert owners.setdefault((column, row), index) == index
    assert len(owners) == sheet.num_tiles * sheet.tile.columns * sheet.tile.rows


@given(sheets)
def test_tiles_are_read_row_by_row(sheet: SheetGrid) -> None:
    corners = [sheet.tile_corner(index, SIDE)[::-1] for index in range(sheet.num_tiles)]
    assert all(before < after for before, after in pairwise(corners))


def test_a_label_takes_a_row_of_patches_above_its_tile() -> None:
    plain = SheetGrid(2, 3, ImageGrid(7, 4))
    labelled = SheetGrid(2, 3, ImageGrid(7, 4), LABEL_ROWS)
    assert (plain.num_tokens, labelled.num_tokens) == (12 * 15, 15 * 15)
    assert labelled.tile_size(SIDE) == plain.tile_size(SIDE) == (110, 62)
    assert labelled.tile_corner(3, SIDE) == (7 * SIDE + 1, 6 * SIDE + 1)
