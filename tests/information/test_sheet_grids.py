"""The sheets offered are compact, whole, within the model's largest picture, and not outdone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.information.levels import picture_levels
from budgetfit.information.sheet_grids import MAX_SHEET_RATIO, sheet_grids
from budgetfit.profiles import PROFILES
from budgetfit.tokens.images import num_image_tokens
from budgetfit.tokens.sheets import MIN_LABEL_COLUMNS, SheetGrid

PROFILE = PROFILES["pixtral-12b"]


@given(st.integers(16, 4000), st.integers(16, 4000), st.sampled_from([0, 1]))
def test_sheets_of_any_video(width: int, height: int, label_rows: int) -> None:
    tiles = picture_levels(width, height, PROFILE)
    sheets = sheet_grids(tiles, PROFILE, label_rows=label_rows)
    assert [sheet.tile for sheet in sheets] == sorted(
        (sheet.tile for sheet in sheets), key=tiles.index
    )
    for sheet in sheets:
        sides = (sheet.grid.columns, sheet.grid.rows)
        assert sheet.num_tiles > 1
        assert not label_rows or sheet.tile.columns >= MIN_LABEL_COLUMNS
        assert max(sides) * PROFILE.side_multiple <= PROFILE.max_image_size
        assert max(sides) <= MAX_SHEET_RATIO * min(sides)
        pixels = [side * PROFILE.side_multiple for side in sides]
        assert sheet.num_tokens == num_image_tokens(pixels[0], pixels[1], PROFILE)
        assert not any(outdone_by(sheet, other) for other in sheets)


def outdone_by(sheet: SheetGrid, other: SheetGrid) -> bool:
    same = sheet.tile == other.tile and sheet != other
    return same and other.num_tiles >= sheet.num_tiles and other.num_tokens <= sheet.num_tokens


def test_every_compact_sheet_is_offered_or_outdone() -> None:
    tile = picture_levels(1280, 704, PROFILE)[4]
    offered = sheet_grids([tile], PROFILE)
    for columns in range(1, 64 // tile.columns + 1):
        for rows in range(1, 64 // tile.rows + 1):
            sheet = SheetGrid(columns, rows, tile)
            sides = sorted((sheet.grid.columns, sheet.grid.rows))
            if columns * rows > 1 and sides[1] <= MAX_SHEET_RATIO * sides[0]:
                assert sheet in offered or any(outdone_by(sheet, other) for other in offered)


def test_nothing_where_two_tiles_are_larger_than_the_model_takes() -> None:
    largest = picture_levels(1280, 704, PROFILE)[-1:]
    assert [(s.columns, s.rows) for s in sheet_grids(largest, PROFILE)] == []
