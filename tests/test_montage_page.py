"""docs/montage.md says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

from budgetfit.plans import PlannedSheet
from budgetfit.profiles import get_profile
from budgetfit.tokens.images import ImageGrid, num_image_tokens
from budgetfit.tokens.sheets import LABEL_ROWS, SheetGrid

PAGE = (Path(__file__).parents[1] / "docs" / "montage.md").read_text(encoding="utf-8")
SIDE = 16


def test_the_table_of_tokens() -> None:
    tile = ImageGrid(7, 4)
    plain, labelled = SheetGrid(4, 4, tile), SheetGrid(4, 4, tile, LABEL_ROWS)
    rows = re.findall(r"^\| [a1t].* \| (\d+ x \d+)? ?\| .*?(\d+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (f"{tile.columns * SIDE} x {tile.rows * SIDE}", str(tile.num_tokens)),
        ("", str(16 * tile.num_tokens)),
        *(
            (f"{grid.columns * SIDE} x {grid.rows * SIDE}", str(grid.num_tokens))
            for grid in (plain.grid, labelled.grid)
        ),
    ]


def test_the_sheet_of_the_plan_file() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (data,) = json.loads(f"{{{text}}}")["sheets"]
    sheet = PlannedSheet(**{**data, "frames": tuple(data["frames"])})
    profile = get_profile("pixtral-12b")
    assert sheet.num_tokens == num_image_tokens(sheet.width, sheet.height, profile)
    assert PlannedSheet.of(sheet.frames, sheet.layout(SIDE), SIDE) == sheet
    assert sheet.layout(SIDE).tile == ImageGrid(7, 4)
