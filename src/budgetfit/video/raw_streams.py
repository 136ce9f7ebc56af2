"""Where reading a stream without a container may begin: it has no times, and no index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.video.demuxing import VideoPacket

__all__ = ["starts_afresh"]

# FFmpeg's names of the formats, and how the first slice of a picture begins before which nothing is
# shown later, and after which nothing before it is referred to: nal_unit_type 5 of ITU-T H.264, 19
# and 20 of H.265.
_FRESH_SLICES = {
    "h264": re.compile(rb"\x00\x00\x01[\x05\x25\x45\x65]"),
    "hevc": re.compile(rb"\x00\x00\x01[\x26\x28]"),
}

# Parameter sets and messages come before the first slice; they are short.
_HEADER_BYTES = 4096


def starts_afresh(packet: VideoPacket, format_name: str) -> bool:
    """Whether decoding may begin at a packet so that its picture is the first one shown."""
    slices = _FRESH_SLICES.get(format_name)
    if slices is None or not packet.is_keyframe or packet.pos is None or packet.pos < 0:
        return False
    return slices.search(bytes(memoryview(packet)[:_HEADER_BYTES])) is not None
