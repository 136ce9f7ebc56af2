from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.video.fingerprint import BLOCK_BYTES, fingerprint_file, fingerprint_pictures


def fingerprint(content: bytes) -> str:
    return fingerprint_file(io.BytesIO(content), len(content))


def test_is_the_digest_of_length_and_three_blocks() -> None:
    content = bytes(range(256)) * 4096
    middle = (len(content) - BLOCK_BYTES) // 2
    expected = hashlib.sha256(
        len(content).to_bytes(8, "little")
        + content[:BLOCK_BYTES]
        + content[middle : middle + BLOCK_BYTES]
        + content[-BLOCK_BYTES:]
    ).hexdigest()
    assert fingerprint(content) == f"sha256:{expected}"


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_small_files_differ_in_every_byte(one: bytes, other: bytes) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@pytest.mark.parametrize("place", [0, BLOCK_BYTES - 1, 500_000, -1])
def test_large_files_differ_in_each_block(place: int) -> None:
    content = bytearray(1_000_000)
    before = fingerprint(bytes(content))
    content[place] = 1
    assert fingerprint(bytes(content)) != before


def test_length_counts() -> None:
    assert fingerprint(bytes(1_000_000)) != fingerprint(bytes(1_000_001))


def test_files_that_read_in_small_pieces() -> None:
    class Dribble(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1000, 1000) if size and size > 0 else size)

    content = bytes(range(256)) * 2000
    assert fingerprint_file(Dribble(content), len(content)) == fingerprint(content)


def test_pictures_differ_by_pixels_times_and_borders() -> None:
    of = fingerprint_pictures
    digests = {
        of([b"ab", b"c"], [0.0, 1.0]),
        of([b"a", b"bc"], [0.0, 1.0]),
        of([b"ab", b"c"], [0.0, 1.5]),
        of([b"ab", b"d"], [0.0, 1.0]),
        of([b"abc"], [0.0]),
    }
    assert len(digests) == 5
