"""What is asked: real clips, with as many pictures as fit and with two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["PROMPT", "GPURequest", "distinct_requests", "repeated_requests"]

PROMPT = "Describe the scene."

_MAX_IMAGES = (None, 2)


@dataclass(frozen=True, slots=True)
class GPURequest:
    """A plan to make and to run.

    Attributes
    ----------
    clip : Path
        The video.
    max_images : int or None
        Pictures that the plan may have.
    """

    clip: Path
    max_images: int | None

    @property
    def name(self) -> str:
        """The clip and its limit, in words."""
        return self.clip.name if self.max_images is None else f"{self.clip.name}, two pictures"


def distinct_requests(clips: Iterable[Path], count: int) -> list[GPURequest]:
    """Return ``count`` requests, or as many as there are: each clip once with each limit."""
    found = [GPURequest(clip, max_images) for clip in clips for max_images in _MAX_IMAGES]
    return found[:count]


def repeated_requests(clips: Sequence[Path], count: int) -> list[GPURequest]:
    """Return ``count`` requests over all clips, again and again."""
    return [GPURequest(clips[number % len(clips)], None) for number in range(count)]
