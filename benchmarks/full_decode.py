"""The reference for planning time: decoding every frame of a video once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import av.error

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FullDecode", "decode_all"]


@dataclass(frozen=True, slots=True)
class FullDecode:
    """What decoding a whole video gave.

    Attributes
    ----------
    num_frames : int
        Frames decoded.
    num_lost : int
        Packets that could not be decoded.
    """

    num_frames: int
    num_lost: int


def decode_all(path: Path) -> FullDecode:
    """Decode every frame of the first video stream, with FFmpeg's own choice of threads.

    Nothing is done with the frames: no conversion, no scaling.
    """
    num_frames = num_lost = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for packet in container.demux(stream):
            try:
                num_frames += len(packet.decode())
            except av.error.FFmpegError:
                num_lost += 1
    return FullDecode(num_frames, num_lost)
