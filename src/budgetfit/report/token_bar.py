"""Where the tokens of the room go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.render import words
from budgetfit.report.naming import NUM_COLORS

if TYPE_CHECKING:
    from budgetfit.plans import Plan

__all__ = ["TokenPart", "token_bar", "token_legend"]


@dataclass(frozen=True, slots=True)
class TokenPart:
    """A part of the room.

    Attributes
    ----------
    name : str
        What the tokens are for.
    kind : str
        The class of its colour in the style sheet.
    num_tokens : int
        Its tokens.
    start, width : float
        Where it lies in the bar, as shares of the room.
    """

    name: str
    kind: str
    num_tokens: int
    start: float
    width: float


def token_bar(plan: Plan) -> tuple[TokenPart, ...]:
    """Return the parts in the order of the bar, each picture one; empty parts are left out."""
    parts = words.token_parts(plan)
    pictures = [
        (f"picture {number}", f"c{(number - 1) % NUM_COLORS}", picture.num_tokens)
        for number, picture in enumerate(plan.pictures, 1)
    ]
    return _placed(
        plan,
        [
            ("template", "template", parts.template),
            ("text", "text", parts.text),
            ("time labels", "labels", parts.labels),
            *pictures,
            ("unused", "unused", parts.unused),
        ],
    )


def token_legend(plan: Plan) -> tuple[TokenPart, ...]:
    """Return the same parts, all pictures as one."""
    parts = words.token_parts(plan)
    return _placed(
        plan,
        [
            ("template", "template", parts.template),
            ("text", "text", parts.text),
            ("time labels", "labels", parts.labels),
            (words.pictures(plan), "images", parts.pictures),
            ("unused", "unused", parts.unused),
        ],
    )


def _placed(plan: Plan, parts: list[tuple[str, str, int]]) -> tuple[TokenPart, ...]:
    room = max(1, plan.limits.max_prompt_tokens)
    placed, start = [], 0
    for name, kind, num_tokens in parts:
        if num_tokens > 0:
            placed.append(TokenPart(name, kind, num_tokens, start / room, num_tokens / room))
            start += num_tokens
    return tuple(placed)
