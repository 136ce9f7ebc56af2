"""What the pictures of a plan are called, and their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.plan_parts import PlannedSheet

if TYPE_CHECKING:
    from budgetfit.plans import Plan

__all__ = ["NUM_COLORS", "frame_names", "frame_pictures"]

# As many as the style sheet has; neighbours in time differ, and every picture has its number.
NUM_COLORS = 8


def frame_pictures(plan: Plan) -> tuple[int, ...]:
    """Return the number, from 1, of the picture that each of ``plan.frames`` is sent in."""
    number = {
        frame: index
        for index, picture in enumerate(plan.pictures, 1)
        for frame in plan.frames_of(picture)
    }
    return tuple(number[frame] for frame in plan.frames)


def frame_names(plan: Plan) -> tuple[str, ...]:
    """Return what each of ``plan.frames`` is called, as ``"picture 2"``.

    A tile of a sheet is ``"picture 2, tile 3"``.
    """
    tiles = {
        frame: number
        for picture in plan.pictures
        if isinstance(picture, PlannedSheet)
        for number, frame in enumerate(picture.frames, 1)
    }
    return tuple(
        f"picture {picture}, tile {tiles[frame]}" if frame in tiles else f"picture {picture}"
        for frame, picture in enumerate(frame_pictures(plan))
    )
