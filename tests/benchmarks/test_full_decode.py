"""The reference decodes every frame, and no more."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from benchmarks.full_decode import FullDecode, decode_all

CLIPS = ("bigbuckbunny", "bikes", "carphone_pristine")


@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_is_decoded(package_clips: dict[str, Path], name: str) -> None:
    with av.open(str(package_clips[name])) as container:
        listed = container.streams.video[0].frames
    assert listed > 0
    assert decode_all(package_clips[name]) == FullDecode(listed, 0)


def test_what_cannot_be_decoded_is_counted(package_clips: dict[str, Path], tmp_path: Path) -> None:
    whole = package_clips["bikes"].read_bytes()
    start, length = len(whole) // 2, 20_000
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole[:start] + b"\xff" * length + whole[start + length :])
    decoded = decode_all(broken)
    assert decoded.num_lost > 0
    assert 0 < decoded.num_frames <= 250 - decoded.num_lost
