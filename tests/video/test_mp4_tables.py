"""A few bytes must not make FFmpeg build tables of gigabytes."""

from __future__ import annotations

import struct

import pytest

from budgetfit.errors import VideoError, VideoLimitError
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes


def claiming(number: int, **options: object) -> bytes:
    """Return a clip whose tables claim that many samples of one byte."""
    content = bytearray(clip_bytes(3, **options))
    sizes, chunks, times = (content.index(name) for name in (b"stsz", b"stsc", b"stts"))
    struct.pack_into(">II", content, sizes + 8, 1, number)
    struct.pack_into(">I", content, chunks + 16, number)
    struct.pack_into(">I", content, times + 12, number)
    return bytes(content)


@pytest.mark.parametrize("number", [40_000_000, 0xFFFFFFFF])
def test_samples_that_are_claimed_and_not_there(number: int) -> None:
    with pytest.raises(VideoLimitError, match=f"has {number} frames, and 3000000 are allowed"):
        open_source(claiming(number))


def test_the_claims_of_many_tracks_count_together() -> None:
    content = claiming(2_000_000)
    start = content.index(b"trak") - 4
    (size,) = struct.unpack_from(">I", content, start)
    moov = content.index(b"moov") - 4
    (moov_size,) = struct.unpack_from(">I", content, moov)
    many = content[: start + size] + 9 * content[start : start + size] + content[start + size :]
    many = many[:moov] + struct.pack(">I", moov_size + 9 * size) + many[moov + 4 :]
    with pytest.raises(VideoLimitError, match="20000000 frames"):
        open_source(many)


def test_plain_sound_of_hours_is_no_claim() -> None:
    # 16-bit sound has a sample size, and a sample for each of 48,000 moments a second.
    content = bytearray(claiming(500_000_000, container_format="mov"))
    handler, times = content.rindex(b"vide"), content.index(b"stts")
    content[handler : handler + 4] = b"soun"
    struct.pack_into(">I", content, times + 16, 1)
    with pytest.raises(VideoError) as caught:
        open_source(bytes(content))
    assert not isinstance(caught.value, VideoLimitError)


def test_a_compressed_index_is_refused() -> None:
    content = clip_bytes(3)
    start = content.index(b"mvhd")
    content = content[:start] + b"cmov\0\0\0\x0cdcomzlib" + content[start + 16 :]
    with pytest.raises(VideoError, match="has a compressed index; remux it"):
        open_source(content)


def test_more_may_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VideoLimitError):
        open_source(claiming(13_000_000))
    monkeypatch.setenv("BUDGETFIT_MAX_FRAMES", "3")
    with open_source(clip_bytes(3)) as source:
        assert source.info.num_frames == 3
    with pytest.raises(VideoLimitError, match="BUDGETFIT_MAX_FRAMES"):
        open_source(clip_bytes(4))
