"""All pictures of a plan on one sheet, as large beside each other as the model gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.render import words
from budgetfit.render.sheet import Section, Tile, draw_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["contact_sheet", "plan_section"]


def contact_sheet(plan: Plan, images: Sequence[Image.Image] | None = None) -> Image.Image:
    """Return the pictures of ``plan`` on one sheet, in time order, with captions.

    Parameters
    ----------
    plan : Plan
        The plan.
    images : sequence of PIL.Image.Image, optional
        What ``plan.images()`` returned before, to save decoding again.

    Returns
    -------
    PIL.Image.Image
        RGB. Every picture is there pixel for pixel; where that would take more than
        ``sheet.MAX_WIDTH`` x ``sheet.MAX_HEIGHT`` pixels, all are reduced by one factor.

    Raises
    ------
    VideoError
        ``images`` is not given and the video cannot be read any more.
    """
    return draw_sheet([plan_section(plan, plan.images() if images is None else images)])


def plan_section(plan: Plan, images: Sequence[Image.Image], *, title: str | None = None) -> Section:
    """Return ``images``, the pictures of ``plan``, as a section of a sheet."""
    parts = words.token_parts(plan)
    room = plan.limits.max_prompt_tokens
    return Section(
        title=title or words.clip_name(plan),
        lines=(words.proof(plan), f"{plan.num_tokens} of {room} prompt tokens used"),
        tiles=tuple(
            Tile(image, words.moments(plan, picture), words.size(picture), picture.num_tokens)
            for picture, image in zip(plan.pictures, images, strict=True)
        ),
        num_text_tokens=parts.template + parts.text + parts.labels,
        max_prompt_tokens=room,
    )
