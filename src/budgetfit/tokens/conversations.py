"""Messages of OpenAI's chat protocol, any number of turns, as mistral-common takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from mistral_common.protocol.instruct.chunk import ImageChunk, ImageURLChunk
from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_Chunk = TypeVar("_Chunk")

__all__ = ["conversation_request"]

# Never read: blank pictures of the right sizes take its place.
_PLACEHOLDER = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}


def conversation_request(
    messages: Sequence[Mapping[str, Any]],
    image_sizes: Sequence[tuple[int, int]],
    tools: Sequence[Mapping[str, Any]] | None,
) -> ChatCompletionRequest[Any]:
    """Return the request, with blank pictures of ``image_sizes`` for its images.

    Raises
    ------
    ValueError
        There are not as many images as sizes, or mistral-common does not take a message.
    """
    request = ChatCompletionRequest.from_openai(
        cast("Any", [_without_pictures(message) for message in messages]),
        tools=cast("Any", list(tools)) if tools else None,
    )
    sizes = iter(image_sizes)
    for message in request.messages:
        if isinstance(message, UserMessage) and isinstance(message.content, list):
            message.content = [_blank(chunk, sizes) for chunk in message.content]
    if next(sizes, None) is not None:
        raise ValueError(f"{len(image_sizes)} sizes are given, more than there are images")
    return request


def _without_pictures(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return dict(message)
    parts = [
        _PLACEHOLDER if isinstance(part, dict) and part.get("type") == "image_url" else part
        for part in content
    ]
    return {**message, "content": parts}


def _blank(chunk: _Chunk, sizes: Iterator[tuple[int, int]]) -> _Chunk | ImageChunk:
    if not isinstance(chunk, ImageURLChunk):
        return chunk
    size = next(sizes, None)
    if size is None:
        raise ValueError("fewer sizes are given than there are images")
    return ImageChunk(image=Image.new("RGB", size))
