"""Frames of streams without times are told by their order, and found without reading it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from budgetfit.video.decoding import FrameReader
from budgetfit.video.demuxing import Demuxer
from budgetfit.video.media import MemoryMedia
from budgetfit.video.sources import open_source
from budgetfit.video.timeline import scan
from tests.video.clips import clip_bytes, read_number

if TYPE_CHECKING:
    import av

    from budgetfit.video.demuxing import VideoPacket

NUM_FRAMES = 60

STREAMS: dict[str, tuple[dict[str, Any], bool]] = {
    "h264": ({"container_format": "h264", "gop": 12}, True),
    "h264-bframes": ({"container_format": "h264", "gop": 11, "bframes": 3}, True),
    "h264-open": (
        {
            "container_format": "h264",
            "gop": 10,
            "bframes": 3,
            "codec_options": {"x264-params": "open-gop=1"},
        },
        False,
    ),
    "h264-slices": (
        {
            "container_format": "h264",
            "gop": 9,
            "bframes": 2,
            "codec_options": {"x264-params": "slices=3"},
        },
        True,
    ),
    "hevc": (
        {
            "container_format": "hevc",
            "codec": "libx265",
            "gop": 12,
            "bframes": 3,
            "codec_options": {"x265-params": "open-gop=0:log-level=none"},
        },
        True,
    ),
    "hevc-open": (
        {
            "container_format": "hevc",
            "codec": "libx265",
            "gop": 10,
            "bframes": 3,
            "codec_options": {"x265-params": "open-gop=1:log-level=none"},
        },
        False,
    ),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_every_frame_is_the_one_that_its_place_tells(kind: str) -> None:
    options, is_closed = STREAMS[kind]
    with open_source(clip_bytes(NUM_FRAMES, **options)) as source:
        seen = [*source.sample(NUM_FRAMES)]
        assert [read_number(frame.luma) for frame in seen] == [*range(NUM_FRAMES)]
        # One at a time, from the last to the first, each from where reading may begin.
        for number in reversed(range(NUM_FRAMES)):
            (picture,) = source.decode([seen[number].pts], [(64, 48)])
            assert read_number(np.asarray(picture)) == number
    timeline = scan(Demuxer(MemoryMedia(clip_bytes(NUM_FRAMES, **options)), []))
    assert (len(timeline.keyframes) > 1) is is_closed


def test_reading_begins_at_the_keyframe(monkeypatch: pytest.MonkeyPatch) -> None:
    demuxer = Demuxer(MemoryMedia(clip_bytes(NUM_FRAMES, gop=12, container_format="h264")), [])
    reader = FrameReader(demuxer, scan(demuxer))
    sent: list[int | None] = []
    send = reader._send

    def noted(packet: VideoPacket) -> list[av.VideoFrame]:
        sent.append(packet.pos)
        return send(packet)

    monkeypatch.setattr(reader, "_send", noted)
    ((pts, frame),) = reader.frames_at([50])
    assert pts == frame.pts == 50
    assert 2 < len(sent) <= 12
