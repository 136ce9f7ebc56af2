"""Decoded candidates, kept as long as they are small, so that choosing decodes nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

__all__ = ["MAX_KEPT_BYTES", "KeptFrames", "num_bytes_of"]

# Holds 40 frames of 1920 x 1080 in 4:2:0, or 90 of 1280 x 720.
MAX_KEPT_BYTES = 128 * 1024 * 1024


class KeptFrames:
    """Frames by their pts, up to a limit in bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._frames: dict[int, av.VideoFrame] = {}

    def add(self, pts: int, frame: av.VideoFrame) -> None:
        """Keep a frame as it was decoded, if there is room."""
        num_bytes = num_bytes_of(frame)
        if pts not in self._frames and self._num_bytes + num_bytes <= self._max_bytes:
            self._frames[pts] = frame
            self._num_bytes += num_bytes

    def get(self, pts: int) -> av.VideoFrame | None:
        """Return the frame with that pts; None where it was not kept."""
        return self._frames.get(pts)

    def clear(self) -> None:
        """Let go of all frames."""
        self._frames.clear()
        self._num_bytes = 0


def num_bytes_of(frame: av.VideoFrame) -> int:
    """Return the bytes of a decoded frame's planes."""
    return sum(plane.buffer_size for plane in frame.planes)
