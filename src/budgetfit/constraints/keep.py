"""A partial plan to be completed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from budgetfit.constraints.base import Constraint
from budgetfit.constraints.checks import check_count, check_seconds, seconds_of
from budgetfit.errors import UsageError
from budgetfit.problem.problem import CountRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.constraints.base import Choice

__all__ = ["Keep", "KeptFrame"]


class KeptFrame(NamedTuple):
    """A picture that must be sent exactly so.

    Attributes
    ----------
    time_s : float
        The frame shown at that time, in seconds.
    width, height : int
        Its pixels as sent.
    """

    time_s: float
    width: int
    height: int

    @property
    def name(self) -> str:
        """Such as ``"the frame shown at 2.5 s sent as 320x176"``."""
        return f"the frame shown at {seconds_of(self.time_s)} s sent as {self.width}x{self.height}"


class SizedFrame(Protocol):
    """What has a time and a size as sent, such as a planned frame."""

    @property
    def time_s(self) -> float:
        """When it is shown, in seconds."""
        ...

    @property
    def width(self) -> int:
        """Pixels across as sent."""
        ...

    @property
    def height(self) -> int:
        """Pixels down as sent."""
        ...


@dataclass(frozen=True, slots=True, init=False)
class Keep(Constraint):
    """These pictures are sent exactly so, whatever else is.

    Parameters
    ----------
    frames : iterable
        ``Plan.frames``, or (time_s, width, height) each.

    Attributes
    ----------
    frames : tuple of KeptFrame
        What is kept of them.

    Raises
    ------
    UsageError
        A frame is none, a side is below 1, or a time is no number; when planning, a time is outside
        the video, or the video cannot be sent at a size.
    """

    frames: tuple[KeptFrame, ...]

    def __init__(self, frames: Iterable[SizedFrame | tuple[float, int, int]]) -> None:
        if not isinstance(frames, Iterable):
            raise UsageError(f"frames of Keep is {frames!r}; give plan.frames or a list")
        object.__setattr__(self, "frames", tuple(_kept(frame) for frame in frames))

    @property
    def name(self) -> str:
        """Each frame's name."""
        return "; ".join(frame.name for frame in self.frames) or "no frame in particular"

    @property
    def also_at_s(self) -> tuple[float, ...]:
        """The frames' times."""
        return tuple(frame.time_s for frame in self.frames)

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Demand each frame's option."""
        for frame in self.frames:
            shown = choice.shown_at(frame.time_s)
            options = shown & (choice.width == frame.width) & (choice.height == frame.height)
            if not options.any():
                sizes = zip(
                    choice.width[shown].tolist(), choice.height[shown].tolist(), strict=True
                )
                raise UsageError(
                    f"{frame.name} cannot be had: this video can be sent as "
                    f"{', '.join(f'{width}x{height}' for width, height in sizes)}; "
                    "give one of these sizes"
                )
            yield CountRule(frame.name, tuple(np.flatnonzero(options).tolist()), minimum=1)


def _kept(frame: object) -> KeptFrame:
    """Return a planned frame or a triple as what is kept of it."""
    names = KeptFrame._fields
    if all(hasattr(frame, name) for name in names):
        kept = KeptFrame(*(getattr(frame, name) for name in names))
    elif isinstance(frame, tuple | list) and len(frame) == len(names):
        kept = KeptFrame(*frame)
    else:
        raise UsageError(
            f"a frame of Keep is {frame!r}; give a frame of a plan, or (time_s, width, height)"
        )
    # A planned frame may be shown a moment before the container's start.
    check_seconds(kept.time_s, "time_s of a frame of Keep", least=-math.inf)
    check_count(kept.width, "width of a frame of Keep")
    check_count(kept.height, "height of a frame of Keep")
    return kept
