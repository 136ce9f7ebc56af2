"""What was chosen, and what a solver may claim about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Solution"]


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice of options and of a prompt length.

    Attributes
    ----------
    options : tuple of int
        Chosen options, rising.
    prompt : int
        Index into ``Problem.prompt_options``.
    """

    options: tuple[int, ...]
    prompt: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(sorted(int(option) for option in self.options)))
