from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.video.decoding import FrameReader
from budgetfit.video.demuxing import Demuxer
from budgetfit.video.media import MemoryMedia
from budgetfit.video.timeline import scan
from tests.video.clips import clip_bytes

# Pyramids of B-frames that refer to each other, and weighted prediction: what leaving frames out
# could break.
PYRAMID = {"x264-params": "b-pyramid=normal:ref=4:weightp=2", "crf": "30"}
CODECS: dict[str, dict[str, Any]] = {
    "h264": {"bframes": 5, "gop": 16, "codec_options": PYRAMID},
    "h264-single": {"bframes": 3, "codec_options": PYRAMID},
    "hevc": {
        "codec": "libx265", "bframes": 4, "gop": 16,
        "codec_options": {"x265-params": "log-level=none"},
    },
    "vp9": {"codec": "libvpx-vp9", "container_format": "webm", "gop": 20},
}  # fmt: skip
CLIPS: dict[str, bytes] = {}


def moving_clip(kind: str) -> bytes:
    if kind not in CLIPS:
        texture = np.random.default_rng(0).integers(30, 220, (96, 128), np.uint8)
        pictures = [np.roll(texture // (1 + i % 3), (i, 2 * i), (0, 1)) for i in range(48)]
        CLIPS[kind] = clip_bytes(pictures, width=128, height=96, **CODECS[kind])
    return CLIPS[kind]


def plainly_decoded(clip: bytes) -> dict[int, bytes]:
    with av.open(io.BytesIO(clip), "r") as container:
        frames = list(container.decode(video=0))
    return {frame.pts or 0: frame.to_ndarray().tobytes() for frame in frames}


@pytest.mark.parametrize("kind", CODECS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_frame_is_the_same_however_few_are_decoded(kind: str, data: st.DataObject) -> None:
    clip = moving_clip(kind)
    expected = plainly_decoded(clip)
    wanted = sorted(data.draw(st.sets(st.sampled_from(sorted(expected)), min_size=1, max_size=9)))
    demuxer = Demuxer(MemoryMedia(clip), [])
    reader = FrameReader(demuxer, scan(demuxer))
    found = [
        (pts, frame.pts, frame.to_ndarray().tobytes()) for pts, frame in reader.frames_at(wanted)
    ]
    assert found == [(pts, pts, expected[pts]) for pts in wanted]
    assert reader.num_lost == 0


def test_what_is_not_needed_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    send = FrameReader._send

    def counting_send(self: FrameReader, packet: Any) -> Any:
        sent.append(packet.pts)
        return send(self, packet)

    monkeypatch.setattr(FrameReader, "_send", counting_send)
    demuxer = Demuxer(MemoryMedia(clip_bytes(60, gop=10)), [])
    timeline = scan(demuxer)
    reader = FrameReader(demuxer, timeline)
    wanted = [timeline.pts[i] for i in (0, 20, 23, 41)]
    assert [frame.pts for _, frame in reader.frames_at(wanted)] == wanted
    assert sent == [timeline.pts[i] for i in (0, 20, 21, 22, 23, 40, 41)]
    sent.clear()
    assert reader.first_frame() is not None
    assert sent == timeline.pts[:1]
