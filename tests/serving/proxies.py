"""The proxy as a process of its own, and requests for it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.stand_in import picture, png_url
from tests.video.clips import clip_bytes

# Of the proxies that were started, by their base URLs.
PIDS: dict[str, int] = {}


@contextmanager
def started(base_url: str, *options: object) -> Iterator[str]:
    """Run ``budgetfit serve`` until the end of the block, and yield its base URL."""
    command = [sys.executable, "-m", "budgetfit", "serve", "--base-url", base_url, "--port", "0"]
    process = subprocess.Popen(
        [*command, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        words = process.stdout.readline().split()
        assert words[:2] == ["listening", "on"], process.communicate()
        url = words[2].rstrip(",")
        PIDS[url] = process.pid
        yield url
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
        assert "Traceback" not in said, said


def workers_of(url: str) -> list[int]:
    """Return the ids of a proxy's workers."""
    pid = PIDS[url]
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


def image(width: int, height: int, seed: int = 0) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": png_url(picture(width, height, seed))}}


def video(content: bytes | str) -> dict[str, Any]:
    url = content
    if isinstance(content, bytes):
        url = "data:video/mp4;base64," + base64.b64encode(content).decode()
    return {"type": "video_url", "video_url": {"url": url}}


def clip(num_frames: int = 12) -> dict[str, Any]:
    return video(clip_bytes(num_frames, width=320, height=176))


def user(*parts: dict[str, Any] | str) -> dict[str, Any]:
    if len(parts) == 1 and isinstance(parts[0], str):
        return {"role": "user", "content": parts[0]}
    return {"role": "user", "content": list(parts)}


def body(messages: Sequence[dict[str, Any]], **fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": list(messages), **fields}).encode()
