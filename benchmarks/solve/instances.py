"""The instances: every clip at some numbers of candidates within some limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.solve.seen_clips import see

from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.solve.shares import Shares

    from budgetfit.problem.problem import Problem

__all__ = ["IMAGE_LIMITS", "LEFT_OUT", "ROOMS", "Instance", "Instances", "images", "instances"]

ROOMS = (1200, 3796, 16000, 32468)
"""``max_model_len - max_tokens`` of contexts of 4k to 32k tokens; 3796 is Cosmos-Transfer1's."""

IMAGE_LIMITS = (2, 8, None)

LEFT_OUT = "edge_6min_black_4k.mp4"
"""Six black minutes in 4K: slow to decode, and nothing to choose between."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A problem that is built when it is needed.

    Attributes
    ----------
    clip : str
        File name.
    shares : Shares
        What the clip shows.
    max_prompt_tokens : int
        Room for prompt and pictures.
    max_images : int or None
        Most pictures.
    """

    clip: str
    shares: Shares
    max_prompt_tokens: int
    max_images: int | None

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return (
            f"{self.clip}, {self.shares.num_candidates} candidates, "
            f"room {self.max_prompt_tokens}, {images(self.max_images)}"
        )

    def problem(self) -> Problem:
        """Build the problem; this is no part of any time that is reported."""
        return self.shares.problem(self.max_prompt_tokens, self.max_images)


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """All instances, and what they come from.

    Attributes
    ----------
    found : tuple of Instance
        By clip, candidates, room and image limit.
    clips : tuple of str
        The clips that gave them.
    unreadable : tuple of str
        Clips of which nothing can be decoded, with the error's name.
    """

    found: tuple[Instance, ...]
    clips: tuple[str, ...]
    unreadable: tuple[str, ...]


def images(max_images: int | None) -> str:
    """Return an image limit in words."""
    return "any number of images" if max_images is None else f"up to {max_images} images"


def instances(num_candidates: Sequence[int], every: int = 1) -> Instances:
    """Return the instances of every clip, or of every second one, but ``LEFT_OUT``.

    A clip that has no more frames gives the same candidates again; these are taken once.

    Parameters
    ----------
    num_candidates : sequence of int
        Rising numbers of frames to look at.
    every : int
        Take the first of so many clips, by name.
    """
    found: list[Instance] = []
    clips: list[str] = []
    unreadable: list[str] = []
    named = [item for item in benchmark_clips().items() if item[0] != LEFT_OUT]
    for name, path in named[::every]:
        try:
            looks = _looks(path, num_candidates)
        except VideoError as error:
            unreadable.append(f"{name} ({type(error).__name__})")
            continue
        clips.append(name)
        found += [
            Instance(name, shares, room, limit)
            for shares in looks
            for room in ROOMS
            for limit in IMAGE_LIMITS
        ]
    return Instances(tuple(found), tuple(clips), tuple(unreadable))


def _looks(clip: Path, num_candidates: Sequence[int]) -> list[Shares]:
    """Return what each number of candidates shows, up to the first that has all frames."""
    looks: dict[int, Shares] = {}
    for number in num_candidates:
        shares = see(clip, number)
        looks[shares.num_candidates] = shares
        if shares.num_candidates < number:
            break
    return list(looks.values())
