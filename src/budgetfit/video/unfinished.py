"""Whether an MP4 lacks the index that is written when its recording ends."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.video.media import Media

__all__ = ["lacks_index"]

_FIRST = {b"ftyp", b"wide", b"free", b"skip", b"mdat"}
# The header of a box: its length and kind, and a longer length (ISO/IEC 14496-12, 4.2).
_HEADER = struct.Struct(">I4sQ")
# What damage may look like thousands of boxes.
_MAX_BOXES = 10_000


def lacks_index(media: Media) -> bool:
    """Whether a file is an MP4 with samples (mdat) and without any index of them (moov)."""
    kinds: set[bytes] = set()
    for kind in _kinds(media):
        if not kinds and kind not in _FIRST:
            return False
        kinds.add(kind)
    return b"mdat" in kinds and b"moov" not in kinds


def _kinds(media: Media) -> Iterator[bytes]:
    """Yield the kinds of the outermost boxes."""
    start = 0
    with media.reading() as file:
        for _ in range(_MAX_BOXES):
            file.seek(start)
            length, kind, long_length = _HEADER.unpack(file.read(16).ljust(16, b"\0"))
            if not any(kind):
                return
            yield kind
            length = long_length if length == 1 else length
            # Until the recording ends, its samples may have no length yet.
            if length < 8 or start + length >= media.num_bytes:
                return
            start += length
