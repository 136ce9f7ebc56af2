"""The sheets on which several moments may be sent as one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.tokens.sheets import MIN_LABEL_COLUMNS, SheetGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.profiles import ImageRules
    from budgetfit.tokens.images import ImageGrid

__all__ = ["MAX_SHEET_RATIO", "sheet_grids"]

# Longer against shorter side of a sheet. What is published on models that read sheets is about
# compact ones (arXiv 2403.18406, arXiv 2509.23724), not about strips.
MAX_SHEET_RATIO = 2.0


def sheet_grids(
    tiles: Sequence[ImageGrid], rules: ImageRules, *, label_rows: int = 0
) -> tuple[SheetGrid, ...]:
    """Return every sheet worth sending of equal tiles, tile by tile, by rising number of tiles.

    A sheet is no larger than the model's largest picture. Of those with the same tile, one that has
    no more tiles for no fewer tokens than another is left out.

    Parameters
    ----------
    tiles : sequence of ImageGrid
        Patches of a tile without its label.
    rules : ImageRules
        Patch size and the largest side.
    label_rows : int
        Rows of patches above each tile for its time label; tiles too narrow for one are left out.

    Returns
    -------
    tuple of SheetGrid
        Empty where not even two tiles fit on a sheet.
    """
    most = rules.max_image_size // rules.side_multiple
    found: list[SheetGrid] = []
    for tile in tiles:
        if label_rows and tile.columns < MIN_LABEL_COLUMNS:
            continue
        sheets = [
            sheet
            for columns in range(1, most // tile.columns + 1)
            for rows in range(1, most // (tile.rows + label_rows) + 1)
            if (sheet := SheetGrid(columns, rows, tile, label_rows)).num_tiles > 1
            and _near_square(sheet.grid)
        ]
        found += _undominated(sheets)
    return tuple(found)


def _near_square(grid: ImageGrid) -> bool:
    longer, shorter = max(grid.columns, grid.rows), min(grid.columns, grid.rows)
    return longer <= MAX_SHEET_RATIO * shorter


def _undominated(sheets: list[SheetGrid]) -> list[SheetGrid]:
    """Keep the sheets for which no other has as many tiles for as few tokens; rising tiles."""
    kept: list[SheetGrid] = []
    for sheet in sorted(sheets, key=lambda s: (-s.num_tiles, s.num_tokens, -s.columns)):
        if not kept or sheet.num_tokens < kept[-1].num_tokens:
            kept.append(sheet)
    return kept[::-1]
