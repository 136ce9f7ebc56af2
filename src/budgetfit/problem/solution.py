"""What was chosen, and what a solver may claim about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Solution"]


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice of options, of the sheets for those that are tiles, and of a prompt length.

    Attributes
    ----------
    options : tuple of int
        Chosen options, rising.
    prompt : int
        Index into ``Problem.prompt_options``.
    sheets : tuple of int
        Sheets sent, as indices into ``Problem.sheets``; rising, with repetitions.
    """

    options: tuple[int, ...]
    prompt: int = 0
    sheets: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("options", "sheets"):
            chosen = tuple(sorted(int(index) for index in getattr(self, name)))
            object.__setattr__(self, name, chosen)
