"""Blocks of a prompt, as users give them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.tokens.request import check_text

__all__ = ["DEFAULT_TEXT_VALUE", "Cut", "PromptBlock", "check_worth", "checked_prompt"]

# A default context, about 4000 tokens, full of text is worth as much as the whole video.
DEFAULT_TEXT_VALUE = 0.25

Cut = Literal["word", "sentence", "line", "none"]


@dataclass(frozen=True, slots=True)
class PromptBlock:
    r"""A part of the prompt with a worth of its own.

    Attributes
    ----------
    text : str
        The text; may be empty.
    required : bool
        Whether it comes before all pictures but one: it is kept whole wherever that is possible
        beside one useful picture, and cut only where it is not.
    priority : float
        Worth of its tokens in relation to those of other blocks; at least 0. Without effect where
        ``required``.
    cut : {"word", "sentence", "line", "none"}
        How it may be shortened: after any word or any sentence, by leaving out any of its lines,
        or not at all. Any block that is not required may be left out.
    name : str or None
        What warnings call it.
    line_weights : tuple of float or None
        With ``cut="line"``, the worth of the tokens of each line, as ``text.split("\n")`` gives
        them, in relation to those of other lines; equal by default.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    text: str
    required: bool = False
    priority: float = 1.0
    cut: Cut = "word"
    name: str | None = None
    line_weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise UsageError(f"a block's text is a {type(self.text).__name__}; it must be a str")
        check_text(self.text)
        if self.cut not in get_args(Cut):
            raise UsageError(f"cut is {self.cut!r}; it must be one of {', '.join(get_args(Cut))}")
        check_worth("priority", self.priority)
        if self.line_weights is not None:
            object.__setattr__(self, "line_weights", tuple(self.line_weights))
            self._check_line_weights(tuple(self.line_weights))

    def _check_line_weights(self, weights: tuple[float, ...]) -> None:
        if self.cut != "line":
            raise UsageError(f"line_weights are given with cut={self.cut!r}; give cut='line'")
        for weight in weights:
            check_worth("a line weight", weight)
        num_lines = self.text.count("\n") + 1
        if len(weights) != num_lines:
            raise UsageError(f"there are {len(weights)} line_weights for {num_lines} lines")


def checked_prompt(prompt: object) -> str | tuple[PromptBlock, ...]:
    """Return ``prompt`` if it is a text or a sequence of blocks.

    Raises
    ------
    UnsupportedRequestError
        It is another sequence, such as chat messages.
    UsageError
        It is something else, or a text with a lone surrogate.
    """
    if isinstance(prompt, str):
        check_text(prompt)
        return prompt
    if not isinstance(prompt, Sequence):
        raise UsageError(
            f"prompt is a {type(prompt).__name__}; it must be a str or a sequence of PromptBlock"
        )
    if not all(isinstance(block, PromptBlock) for block in prompt):
        raise UnsupportedRequestError(
            f"prompt is a {type(prompt).__name__} of {len(prompt)}; a request is one user turn, so "
            "give its text as one str or as PromptBlocks, and what goes before it as system_prompt"
        )
    return tuple(prompt)


def check_worth(name: str, worth: object) -> None:
    """Raise unless ``worth`` is a number of at least 0.

    Raises
    ------
    UsageError
        It is something else.
    """
    if isinstance(worth, bool) or not isinstance(worth, int | float):
        raise UsageError(f"{name} is {worth!r}; it must be a number")
    if not 0 <= worth < math.inf:
        raise UsageError(f"{name} is {worth!r}; it must be at least 0 and finite")
