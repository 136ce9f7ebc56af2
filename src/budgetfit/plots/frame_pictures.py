"""The pictures of a plan, and of each moment of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.plan_parts import PlannedSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["images_of", "moment_images", "sheet_letters"]


def images_of(plan: Plan, images: Sequence[Image.Image] | None) -> list[Image.Image]:
    """Return ``images`` checked against ``plan.pictures``, or decode them.

    Raises
    ------
    UsageError
        ``images`` are not the plan's pictures.
    VideoError
        ``images`` is not given and the video cannot be read any more.
    """
    found = plan.images() if images is None else list(images)
    sizes = [(picture.width, picture.height) for picture in plan.pictures]
    if [image.size for image in found] != sizes:
        raise UsageError(
            f"the plan has {len(sizes)} pictures but {len(found)} are given, or other sizes; "
            "pass plan.images() unchanged"
        )
    return found


def moment_images(plan: Plan, images: Sequence[Image.Image]) -> list[Image.Image]:
    """Return a picture of each of ``plan.frames``; tiles are cut out of their sheets."""
    side = plan.image_rules.side_multiple
    shown: dict[float, Image.Image] = {}
    for picture, image in zip(plan.pictures, images, strict=True):
        if not isinstance(picture, PlannedSheet):
            shown[picture.pts] = image
            continue
        layout = picture.layout(side)
        width, height = layout.tile_size(side)
        for tile, frame in enumerate(plan.frames_of(picture)):
            left, top = layout.tile_corner(tile, side)
            shown[frame.pts] = image.crop((left, top, left + width, top + height))
    return [shown[frame.pts] for frame in plan.frames]


def sheet_letters(plan: Plan) -> list[str]:
    """Return for each of ``plan.frames`` the letter of its sheet: A, B, ...; "" on none."""
    letters = [""] * len(plan.frames)
    for number, sheet in enumerate(plan.sheets):
        for index in sheet.frames:
            letters[index] = letter(number)
    return letters


def letter(number: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    return ("" if number < 26 else letter(number // 26 - 1)) + chr(ord("A") + number % 26)
