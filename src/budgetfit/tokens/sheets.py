"""A sheet: one image of equal tiles on whole patches, each the frame of another moment."""

from __future__ import annotations

from dataclasses import dataclass

from budgetfit.tokens.images import ImageGrid

__all__ = ["LABEL_ROWS", "MIN_LABEL_COLUMNS", "SEPARATOR_SIDE", "SheetGrid"]

LABEL_ROWS = 1
"""Rows of patches above each tile that its time label takes, where there are labels."""

MIN_LABEL_COLUMNS = 3
"""Columns of patches that a tile has at least where it has a label: below, none can be read."""

SEPARATOR_SIDE = 1
"""Pixels of separator on each side of a tile: two between neighbours."""


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """How tiles lie on a sheet.

    Every tile has a cell of whole patches to itself, so that no patch shows two moments; the
    separator and the time label lie inside the cell.

    Attributes
    ----------
    columns, rows : int
        Tiles across and down; their product is at least 2.
    tile : ImageGrid
        Patches of a cell without its label.
    label_rows : int
        Rows of patches of a cell's label; 0 without labels.
    """

    columns: int
    rows: int
    tile: ImageGrid
    label_rows: int = 0

    @property
    def num_tiles(self) -> int:
        """Tiles on the sheet."""
        return self.columns * self.rows

    @property
    def cell(self) -> ImageGrid:
        """Patches of a cell: a tile and its label."""
        return ImageGrid(self.tile.columns, self.label_rows + self.tile.rows)

    @property
    def grid(self) -> ImageGrid:
        """Patches of the whole sheet."""
        return ImageGrid(self.columns * self.cell.columns, self.rows * self.cell.rows)

    @property
    def num_tokens(self) -> int:
        """Tokens of the sheet, which is one image."""
        return self.grid.num_tokens

    def tile_size(self, side: int) -> tuple[int, int]:
        """Return width and height in pixels of the frame in a tile, for patches of ``side``."""
        separators = 2 * SEPARATOR_SIDE
        return self.tile.columns * side - separators, self.tile.rows * side - separators

    def tile_corner(self, index: int, side: int) -> tuple[int, int]:
        """Return left and top in pixels of the frame in tile ``index``, counted row by row."""
        row, column = divmod(index, self.columns)
        left = column * self.cell.columns * side + SEPARATOR_SIDE
        top = (row * self.cell.rows + self.label_rows) * side + SEPARATOR_SIDE
        return left, top
