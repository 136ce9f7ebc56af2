"""The request of Cosmos-Transfer1's prompt upsampler for a file, as the stock one makes it.

Written from what it does: OpenCV's first two frames as they are, each as a PNG in base64, then the
text, in one user message. Nothing of budgetfit is used.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

__all__ = ["count_tokens", "first_frames", "messages"]

Pixels = npt.NDArray[np.uint8]


def first_frames(path: Path, count: int = 2) -> list[Pixels]:
    """Return the first frames as OpenCV reads them, (height, width, 3) in BGR."""
    capture = cv2.VideoCapture(str(path))
    frames = []
    for _ in range(count):
        there, frame = capture.read()
        if not there:
            break
        frames.append(np.asarray(frame, dtype=np.uint8))
    capture.release()
    return frames


def messages(path: Path, prompt: str) -> list[dict[str, Any]]:
    urls = []
    for frame in first_frames(path):
        _, png = cv2.imencode(".png", frame)
        urls.append("data:image/png;base64," + base64.b64encode(png.tobytes()).decode("ascii"))
    pictures: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": url}} for url in urls
    ]
    return [{"role": "user", "content": [*pictures, {"type": "text", "text": prompt}]}]


def count_tokens(path: Path, prompt: str) -> int:
    """Return the prompt tokens of the request, as mistral-common encodes it."""
    request: Any = ChatCompletionRequest.from_openai(messages(path, prompt))
    return len(_tokenizer().encode_chat_completion(request).tokens)


@cache
def _tokenizer() -> MistralTokenizer[Any, Any, Any, Any, Any]:
    """Return the reference, which takes a second to load."""
    return MistralTokenizer.v3(is_tekken=True, is_mm=True)
