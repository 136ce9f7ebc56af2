"""The request as it is sent, message by message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.plans import Plan

__all__ = ["Message", "Piece", "messages_of"]

_SHORT = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message.

    Attributes
    ----------
    text : str or None
        What is sent, where it is text.
    picture : int
        The number of the picture, from 1; 0 where it is text.
    note : str
        What it is, in few words.
    """

    text: str | None
    picture: int
    note: str

    @property
    def is_short(self) -> bool:
        """Whether it is text that stands in a line."""
        return self.text is not None and len(self.text) <= _SHORT and "\n" not in self.text


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the request."""

    role: str
    pieces: tuple[Piece, ...]


def messages_of(plan: Plan) -> tuple[Message, ...]:
    """Return what ``plan.messages()`` sends, its pictures by their numbers."""
    user = Message("user", tuple(_pieces(plan)))
    if not plan.system_prompt:
        return (user,)
    return Message("system", (Piece(plan.system_prompt, 0, "system prompt"),)), user


def _pieces(plan: Plan) -> Iterator[Piece]:
    pairs = zip(plan.pictures, plan.picture_labels, strict=True)
    for number, (picture, label) in enumerate(pairs, 1):
        if label is not None:
            yield Piece(label, 0, "time label")
        size = words.size(picture).replace("x", "\u00d7")
        yield Piece(None, number, f"PNG, {size} pixels, {picture.num_tokens:,} tokens")
    if plan.prompt.text:
        yield Piece(plan.prompt.text, 0, f"{len(plan.prompt.text):,} characters")
