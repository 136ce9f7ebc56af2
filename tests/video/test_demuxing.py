from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.demuxing import Demuxer, fraction
from budgetfit.video.media import MemoryMedia
from budgetfit.video.timeline import scan
from tests.video.clips import clip_bytes

SEEKABLE: dict[str, dict[str, Any]] = {
    "mp4": {"bframes": 2, "gop": 7},
    "mp4-open-gop": {"bframes": 3, "gop": 6, "codec_options": {"x264-params": "open-gop=1"}},
    "mkv": {"bframes": 2, "gop": 7, "container_format": "matroska"},
    "ts": {"bframes": 2, "gop": 7, "container_format": "mpegts"},
    "ts-late": {"bframes": 2, "gop": 7, "container_format": "mpegts", "start_s": 9.0},
    "flv": {"bframes": 2, "gop": 7, "container_format": "flv"},
    "gif": {"codec": "gif", "pix_fmt": "rgb8", "container_format": "gif"},
    "apng": {"codec": "apng", "pix_fmt": "rgb24", "container_format": "apng"},
}


def open_demuxer(**options: Any) -> Demuxer:
    return Demuxer(MemoryMedia(clip_bytes(40, **options)), [])


def all_pts(demuxer: Demuxer) -> list[int]:
    demuxer.rewind()
    return [packet.pts for packet in demuxer.packets() if packet.pts is not None]


@pytest.mark.parametrize("kind", SEEKABLE)
def test_packets_start_at_a_keyframe_before_the_frame_and_reach_it(kind: str) -> None:
    demuxer = open_demuxer(**SEEKABLE[kind])
    every = all_pts(demuxer)
    assert len(every) == 40
    for pts in every[::-1]:
        packets = list(demuxer.packets_from(pts))
        assert packets[0].is_keyframe
        assert packets[0].pts is not None
        assert packets[0].pts <= pts
        assert [p.pts for p in packets] == every[-len(packets) :]
        assert pts in [p.pts for p in packets]


@pytest.mark.parametrize("kind", [kind for kind in SEEKABLE if kind not in {"gif", "apng", "flv"}])
def test_a_known_keyframe_is_where_reading_starts(kind: str) -> None:
    demuxer = open_demuxer(**SEEKABLE[kind])
    timeline = scan(demuxer)
    for pts in timeline.pts:
        first = next(demuxer.packets_from(pts, timeline.seek_points(pts)))
        assert first.pts == timeline.keyframe_before(pts)


@pytest.mark.parametrize("kind", SEEKABLE)
def test_before_the_first_frame_everything_is_read(kind: str) -> None:
    demuxer = open_demuxer(**SEEKABLE[kind])
    every = all_pts(demuxer)
    assert [p.pts for p in demuxer.packets_from(every[0] - 5)] == every


def test_packets_stop_when_the_container_is_moved() -> None:
    demuxer = open_demuxer(bframes=2, gop=7)
    packets = demuxer.packets()
    next(packets)
    demuxer.rewind()
    with pytest.raises(UsageError, match="read elsewhere"):
        next(packets)


def test_closed() -> None:
    demuxer = open_demuxer()
    demuxer.close()
    with pytest.raises(VideoError, match="was closed"):
        demuxer.rewind()


def test_rationals() -> None:
    assert fraction(None) is None
    assert fraction(Fraction(0)) is None
    assert fraction(Fraction(30000, 1001)) == Fraction(30000, 1001)
