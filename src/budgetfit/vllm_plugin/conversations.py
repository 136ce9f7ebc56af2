"""A conversation as vLLM holds it, and as a request that can be planned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["needs_plan", "plain", "request_of"]


def plain(value: Any) -> Any:
    """Return the same with a list for each iterator, which could be read only once.

    vLLM reads some lists of a request as they are needed.
    """
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | Iterator):
        return [plain(part) for part in value]
    return value


def needs_plan(messages: Sequence[Mapping[str, Any]], max_images: int | None) -> bool:
    """Tell whether vLLM surely refuses messages as they are: for a video, or for many pictures."""
    kinds = [
        part.get("type")
        for message in messages
        if isinstance(content := message.get("content"), list)
        for part in content
        if isinstance(part, Mapping)
    ]
    too_many = max_images is not None and kinds.count("image_url") > max_images
    return "video_url" in kinds or too_many


def request_of(
    messages: Sequence[Mapping[str, Any]],
    template: Mapping[str, Any],
    *,
    max_tokens: int,
    truncate_prompt_tokens: int | None,
) -> bytes | None:
    """Return the JSON of a chat request.

    Parameters
    ----------
    messages : sequence of mapping
        The conversation.
    template : mapping
        What the chat's template is given: tools, and what changes the prompt otherwise.
    max_tokens : int
        Tokens of the answer; 0 where the client named no number.
    truncate_prompt_tokens : int or None
        Tokens that the client has the prompt cut to.

    Returns
    -------
    bytes or None
        None where something in it is none of JSON: what vLLM's own programs put there.
    """
    fields = {
        "messages": messages,
        "tools": template.get("tools"),
        "max_tokens": max_tokens or None,
        "truncate_prompt_tokens": truncate_prompt_tokens,
        "add_generation_prompt": template.get("add_generation_prompt", True),
        "continue_final_message": template.get("continue_final_message", False),
        "documents": template.get("documents"),
        "chat_template": template.get("chat_template"),
    }
    try:
        return json.dumps(fields).encode()
    except TypeError:
        return None
