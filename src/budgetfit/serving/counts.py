"""The server's count of prompt tokens beside the plan's, in whole answers and in streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StreamedCount", "counted_prompt_tokens"]

# An event longer than this is passed on and not looked at.
_MAX_LINE_BYTES = 1024 * 1024


def counted_prompt_tokens(body: bytes) -> int | None:
    """Return ``usage.prompt_tokens`` of an answer; None where it tells none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return _prompt_tokens(answer)


class StreamedCount:
    """Looks at the events of a stream as they pass.

    Parameters
    ----------
    tell : callable
        Called with each count of prompt tokens that an event tells.
    """

    def __init__(self, tell: Callable[[int], object]) -> None:
        self._tell = tell
        self._line = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes, wherever they are cut."""
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            self._look(bytes(self._line) + line)
            self._line.clear()
        if len(self._line) + len(rest) <= _MAX_LINE_BYTES:
            self._line += rest

    def _look(self, line: bytes) -> None:
        if not line.startswith(b"data:") or b'"prompt_tokens"' not in line:
            return
        counted = counted_prompt_tokens(line.removeprefix(b"data:"))
        if counted is not None:
            self._tell(counted)


def _prompt_tokens(answer: object) -> int | None:
    usage = answer.get("usage") if isinstance(answer, dict) else None
    counted = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return counted if isinstance(counted, int) else None
