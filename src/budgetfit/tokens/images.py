"""How many tokens an image costs, and which, from its size alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.profiles import ImageRules

__all__ = ["ImageGrid", "ImageTokenIds", "check_image_size", "image_grid", "num_image_tokens"]


class ImageTokenIds(NamedTuple):
    """The ids of the special tokens that stand for an image in a prompt.

    Attributes
    ----------
    img : int
        A patch.
    img_break : int
        The end of a row of patches.
    img_end : int
        The end of the last row, and so of the image.
    """

    img: int
    img_break: int
    img_end: int

    def one_each(self, token_ids: Sequence[int]) -> list[int]:
        """Return ``token_ids`` with one ``img`` in place of all the tokens of each image."""
        kept: list[int] = []
        for token_id in token_ids:
            if token_id == self.img_end:
                kept.append(self.img)
            elif token_id not in self:
                kept.append(token_id)
        return kept


@dataclass(frozen=True, slots=True)
class ImageGrid:
    """The grid of image tokens that an image becomes.

    Attributes
    ----------
    columns, rows : int
        Patches (merged patches where the model merges) across and down.
    """

    columns: int
    rows: int

    @property
    def num_tokens(self) -> int:
        """Tokens of the image: one a patch and one that ends each row."""
        return self.rows * (self.columns + 1)

    def token_ids(self, ids: ImageTokenIds) -> list[int]:
        """Return the image's token ids, row by row; length ``num_tokens``."""
        row = [ids.img] * self.columns
        return [*row, ids.img_break] * (self.rows - 1) + [*row, ids.img_end]


def image_grid(width: int, height: int, rules: ImageRules) -> ImageGrid:
    """Return the grid that an image of ``width`` x ``height`` pixels becomes.

    An image whose longer side exceeds ``rules.max_image_size`` is first scaled down to it, both
    sides rounded half to even and at least 1 pixel; then patches cover it, the last ones partly.
    This is mistral-common's ``ImageEncoder`` in the same floating-point steps, so that its
    roundings are the same.

    Parameters
    ----------
    width, height : int
        Size of the image in pixels.
    rules : ImageRules
        Gives the patch size, the longest side and the patches merged.

    Raises
    ------
    UsageError
        A side is below 1 pixel.
    """
    check_image_size(width, height)
    longest = rules.max_image_size
    ratio = max(height / longest, width / longest)
    if ratio > 1:
        width = max(round(width / ratio), 1)
        height = max(round(height / ratio), 1)
    side = rules.side_multiple
    return ImageGrid(columns=-(-width // side), rows=-(-height // side))


def num_image_tokens(width: int, height: int, rules: ImageRules) -> int:
    """Return the tokens that an image of ``width`` x ``height`` pixels costs.

    Raises
    ------
    UsageError
        A side is below 1 pixel.
    """
    return image_grid(width, height, rules).num_tokens


def check_image_size(width: int, height: int) -> None:
    """Raise unless both sides are at least 1 pixel.

    Raises
    ------
    UsageError
        A side is below 1 pixel.
    """
    if width < 1 or height < 1:
        raise UsageError(
            f"an image cannot be {width} x {height} pixels; both sides must be at least 1"
        )
