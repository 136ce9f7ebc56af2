"""Chat messages for an OpenAI-compatible server."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["chat_messages"]


def chat_messages(
    images: Sequence[Image.Image],
    text: str,
    system_prompt: str | None = None,
    *,
    labels: Sequence[str | None] | None = None,
) -> list[dict[str, Any]]:
    """Return one user message of ``images`` and then ``text``, after a system message if given.

    Pictures are PNG data URLs, so the server gets the exact pixels. An empty text is left out.
    Each of ``labels`` that is not None is a text right before its picture.
    """
    content: list[dict[str, Any]] = []
    texts = [None] * len(images) if labels is None else labels
    for image, label in zip(images, texts, strict=True):
        if label is not None:
            content.append({"type": "text", "text": label})
        content.append({"type": "image_url", "image_url": {"url": _data_url(image)}})
    if text:
        content.append({"type": "text", "text": text})
    messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if system_prompt:
        messages.insert(0, {"role": "system", "content": system_prompt})
    return messages


def _data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    # Level 1: a third of the time of the default for a few per cent more bytes.
    image.save(buffer, format="PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
