"""Requests as mistral-common encodes them, nothing of budgetfit in between."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from mistral_common.protocol.instruct.chunk import ContentChunk, ImageChunk, TextChunk
from mistral_common.protocol.instruct.messages import SystemMessage, UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from PIL import Image

from budgetfit.tokens.request import Request, TextPart


@cache
def mistral_of(tokenizer_file: Path) -> MistralTokenizer[Any, Any, Any, Any, Any]:
    return MistralTokenizer.from_file(tokenizer_file)


def their_ids(
    mistral: MistralTokenizer[Any, Any, Any, Any, Any], request: Request
) -> tuple[int, ...]:
    content: list[ContentChunk] = [
        TextChunk(text=part.text)
        if isinstance(part, TextPart)
        else ImageChunk(image=Image.new("L", (part.width, part.height)))
        for part in request.parts
    ]
    messages: list[Any] = [UserMessage(content=content)]
    if request.system_prompt:
        messages.insert(0, SystemMessage(content=request.system_prompt))
    chat_request: Any = ChatCompletionRequest(messages=messages)
    return tuple(mistral.encode_chat_completion(chat_request).tokens)
