"""A picture that is sent: which frame, at which size."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budgetfit.plans import Plan
    from budgetfit.profiles import ModelProfile
    from budgetfit.tokens.images import ImageGrid

__all__ = ["Picture", "distinct", "picture_at", "pictures_at", "pictures_of_plan"]


class Picture(NamedTuple):
    """A frame at the size at which a model sees it.

    Attributes
    ----------
    pts : int
        Presentation timestamp of the frame, in the stream's time base.
    width, height : int
        Pixels; whole patches.
    """

    pts: int
    width: int
    height: int


def picture_at(pts: int, grid: ImageGrid, profile: ModelProfile) -> Picture:
    """Return the frame ``pts`` at the pixels of ``grid``."""
    side = profile.side_multiple
    return Picture(pts, grid.columns * side, grid.rows * side)


def pictures_at(pts: Iterable[int], grid: ImageGrid, profile: ModelProfile) -> tuple[Picture, ...]:
    """Return several frames at one grid, each frame once, in time order."""
    return tuple(picture_at(one_pts, grid, profile) for one_pts in sorted(set(pts)))


def pictures_of_plan(plan: Plan) -> tuple[Picture, ...]:
    """Return what ``plan`` sends."""
    return tuple(Picture(frame.pts, frame.width, frame.height) for frame in plan.frames)


def distinct(selections: Iterable[Sequence[Picture]]) -> tuple[Picture, ...]:
    """Return every picture of ``selections`` once, by time and size."""
    return tuple(sorted({picture for selection in selections for picture in selection}))
