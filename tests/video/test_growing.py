"""A file that is still being written is planned as it was when it was opened, and found again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.errors import VideoChangedError, VideoError
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes

# Enough that FFmpeg's reading ahead does not end the file.
NUM_FRAMES = 250
CHUNK_BYTES = 5_000

CONTAINERS: dict[str, dict[str, Any]] = {
    "mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
    "matroska": {"container_options": {"live": "1"}},
    "mpegts": {},
    "h264": {},
}


class GrowingFile(io.FileIO):
    """A file to whose end somebody writes whenever it is read."""

    def __init__(self, path: Path, rest: bytes) -> None:
        super().__init__(path)
        self._written = path
        self._rest = rest

    def read(self, size: int | None = -1, /) -> bytes:
        with self._written.open("ab") as end:
            end.write(self._rest[:CHUNK_BYTES])
        self._rest = self._rest[CHUNK_BYTES:]
        return super().read(-1 if size is None else size)


@pytest.fixture(params=CONTAINERS)
def halves(request: pytest.FixtureRequest) -> tuple[bytes, bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (NUM_FRAMES, 48, 64), np.uint8)
    clip = clip_bytes(noise, gop=10, container_format=request.param, **CONTAINERS[request.param])
    middle = len(clip) // 2
    return clip[:middle], clip[middle:]


def test_what_was_there_at_the_start_is_planned(
    halves: tuple[bytes, bytes], tmp_path: Path
) -> None:
    begun, rest = halves
    (tmp_path / "whole").write_bytes(begun)
    whole = budgetfit.plan(tmp_path / "whole", max_images=2)
    path = tmp_path / "growing"
    path.write_bytes(begun)
    with GrowingFile(path, rest) as file:
        plan = budgetfit.plan(file, max_images=2)
        assert path.stat().st_size > len(begun) + CHUNK_BYTES
        assert plan.frames == whole.frames
        assert plan.video.fingerprint == whole.video.fingerprint
        assert plan.video.num_bytes == len(begun)
        (growing,) = (text for text in plan.warnings if "still being written" in text)
        assert f"its first {len(begun)} bytes, {plan.video.duration_s:.1f} s" in growing
        pictures = zip(plan.images(), whole.images(), strict=True)
        assert all(one.tobytes() == other.tobytes() for one, other in pictures)
    assert not any("still being written" in text for text in whole.warnings)


def test_a_plan_is_used_while_its_file_grows(halves: tuple[bytes, bytes], tmp_path: Path) -> None:
    begun, rest = halves
    path = tmp_path / "growing"
    path.write_bytes(begun)
    plan = budgetfit.plan(path, max_images=2)
    before = [picture.tobytes() for picture in plan.images()]
    with path.open("ab") as end:
        end.write(rest)
    plan.save(tmp_path / "plan.json")
    for used in (plan, budgetfit.Plan.load(tmp_path / "plan.json")):
        assert [picture.tobytes() for picture in used.images()] == before
    path.write_bytes(begun[:-1] + bytes([begun[-1] ^ 1]) + rest)
    with pytest.raises(VideoChangedError):
        plan.images()
    path.write_bytes(begun[:-1])
    with pytest.raises(VideoChangedError):
        plan.images()


def test_an_mp4_whose_recording_has_not_ended_says_so() -> None:
    clip = clip_bytes(30)
    index = clip.index(b"moov") - 4
    mdat = clip.index(b"mdat") - 4
    # Its samples have a length once the recording ends, or none at all.
    for length in (clip[mdat : mdat + 4], bytes(4)):
        begun = clip[:mdat] + length + clip[mdat + 4 : index]
        with pytest.raises(VideoError, match=r"without its index \(moov\).* fragmented MP4"):
            open_source(begun)


@pytest.mark.parametrize("content", [b"no video", b"\0\0\0\x08ftyp", b"\0\0\0\x10mdat" * 50])
def test_other_files_are_not_taken_for_unfinished_ones(content: bytes) -> None:
    with pytest.raises(VideoError) as raised:
        open_source(content)
    assert ("moov" in str(raised.value)) is (b"mdat" in content)
