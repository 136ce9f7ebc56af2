"""Requests so short that they fit, whatever their tokens are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.serving.chat_request import ChatRequest

__all__ = ["is_surely_short"]

_PLAIN = {"role", "content", "name"}


def is_surely_short(chat: ChatRequest, num_bytes: int, max_model_len: int) -> bool:
    """Tell whether a request of so many bytes fits without being counted.

    Every token of a text is at least one of its bytes, and JSON makes no text shorter; the tokens
    of a turn's template are fewer than the characters that JSON needs around its text. Tools are
    written anew before they are encoded, so nothing is known of them.
    """
    is_text = not (chat.images or chat.videos or chat.others)
    is_plain = all(message.keys() <= _PLAIN for message in chat.messages)
    return (
        is_text
        and is_plain
        and not chat.tools
        and not chat.uncounted_field
        and num_bytes + (chat.max_tokens or 1) <= max_model_len
    )
