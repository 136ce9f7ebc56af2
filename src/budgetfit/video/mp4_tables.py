"""How many samples an MP4's tables claim, before FFmpeg makes room for them."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, BinaryIO

from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.video.limits import VideoLimits
    from budgetfit.video.media import Media

__all__ = ["check_tables"]

# A table that gives all samples one size has 20 bytes, whatever their number: FFmpeg was seen to
# take 2.8 GB for 40 million. Found by its name alone, since FFmpeg reads it at any depth.
_SAMPLE_SIZES = re.compile(rb"(?P<box>.{4})stsz.{4}(?P<size>.{4})(?P<number>.{4})", re.DOTALL)
_DURATIONS = re.compile(rb"stts.{4}(?P<entries>.{4}).{4}(?P<duration>.{4})", re.DOTALL)
_COMPRESSED = re.compile(rb"cmov.{4}dcom", re.DOTALL)
# Its entry of FFmpeg's index has 24 bytes; sound has some more samples than video has frames.
_SAMPLES_PER_FRAME = 4
# Boxes without tables, and those that FFmpeg reads on the way.
_NO_TABLES = {b"ftyp", b"mdat", b"free", b"skip", b"wide", b"moof", b"sidx", b"styp", b"mfra"}
_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"udta", b"uuid", b"meta"}
# The index of a video of hours has some ten megabytes.
_MAX_TABLES_BYTES = 2**28


def check_tables(file: BinaryIO, media: Media, limits: VideoLimits) -> None:
    """Raise where an MP4 claims more samples than frames are allowed.

    Parameters
    ----------
    file : binary file
        At its beginning; read no further than the boxes' headers and the index.
    media : Media
        What it is.
    limits : VideoLimits
        What is allowed.

    Raises
    ------
    VideoLimitError
        It does.
    VideoError
        Its index is compressed.
    """
    head = file.read(12)
    if head[4:8] not in _FIRST:
        return
    claimed = 0
    for tables in _tables(file, media.num_bytes):
        if _COMPRESSED.search(tables):
            raise VideoError(
                f"{media.label} has a compressed index; remux it with: ffmpeg -i IN -c copy OUT.mp4"
            )
        claimed += sum(map(_claimed, tables.split(b"trak")))
    if claimed > _SAMPLES_PER_FRAME * limits.max_frames:
        limits.refuse("max_frames", str(claimed), media.label)


def _claimed(track: bytes) -> int:
    """Return the samples that FFmpeg would make an entry for without their being listed."""
    durations = list(_DURATIONS.finditer(track))
    once = struct.pack(">II", 1, 1)
    is_pcm = len(durations) == 1 and durations[0]["entries"] + durations[0]["duration"] == once
    if is_pcm and b"soun" in track and b"vide" not in track:
        # Of plain sound FFmpeg makes entries for chunks.
        return 0
    return sum(
        int.from_bytes(found["number"], "big")
        for found in _SAMPLE_SIZES.finditer(track)
        if any(found["size"]) and int.from_bytes(found["box"], "big") <= len(track)
    )


def _tables(file: BinaryIO, num_bytes: int) -> Iterator[bytes]:
    """Yield the boxes of the file that may hold tables."""
    start = 0
    while start + 8 <= num_bytes:
        file.seek(start)
        size, name, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        if size == 1:
            size = large
        if size == 0:
            size = num_bytes - start
        if size < 8:
            return
        if name not in _NO_TABLES:
            file.seek(start)
            yield file.read(min(size, _MAX_TABLES_BYTES))
        if name == b"moov":
            # FFmpeg takes the first one alone.
            return
        start += size
