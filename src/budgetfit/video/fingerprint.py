"""Fingerprints that tell whether a video is still the one that was planned."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BLOCK_BYTES", "fingerprint_file", "fingerprint_pictures"]

BLOCK_BYTES = 64 * 1024


def fingerprint_file(file: BinaryIO, num_bytes: int) -> str:
    """Digest a file's length and up to three of its blocks, so that its size costs nothing.

    Parameters
    ----------
    file : binary file
        Seekable; its position is moved.
    num_bytes : int
        Length of the file.

    Returns
    -------
    str
        ``"sha256:"`` and the digest over the length (8 bytes, little-endian), then the blocks of
        64 KiB at the start, the middle and the end; a file of at most three blocks is read whole.
    """
    digest = hashlib.sha256(num_bytes.to_bytes(8, "little"))
    if num_bytes <= 3 * BLOCK_BYTES:
        spans = [(0, num_bytes)]
    else:
        starts = (0, (num_bytes - BLOCK_BYTES) // 2, num_bytes - BLOCK_BYTES)
        spans = [(start, BLOCK_BYTES) for start in starts]
    for start, length in spans:
        file.seek(start)
        digest.update(_read_exactly(file, length))
    return f"sha256:{digest.hexdigest()}"


def fingerprint_pictures(pictures: Iterable[bytes], times_s: Sequence[float]) -> str:
    """Digest pictures (their size, mode and pixels as bytes) and the times they are shown at."""
    digest = hashlib.sha256()
    for picture, time_s in zip(pictures, times_s, strict=True):
        digest.update(f"{len(picture)} {time_s!r};".encode())
        digest.update(picture)
    return f"sha256:{digest.hexdigest()}"


def _read_exactly(file: BinaryIO, length: int) -> bytes:
    """Read ``length`` bytes, or up to the end; raw files may return less at a time."""
    blocks: list[bytes] = []
    while length > 0 and (block := file.read(length)):
        blocks.append(block)
        length -= len(block)
    return b"".join(blocks)
