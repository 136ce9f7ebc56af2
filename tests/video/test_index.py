from __future__ import annotations

from typing import Any

import pytest

from budgetfit.video.demuxing import Demuxer
from budgetfit.video.index import IndexedTimeline, read_index
from budgetfit.video.media import MemoryMedia
from budgetfit.video.timeline import ScannedTimeline, scan
from tests.video.clips import clip_bytes

INDEXED: dict[str, dict[str, Any]] = {
    "mp4": {"bframes": 2, "gop": 7},
    "mp4-late": {"bframes": 3, "gop": 9, "start_s": 0.4, "audio_s": 1.0},
    "mp4-open-gop": {"bframes": 2, "gop": 6, "codec_options": {"x264-params": "open-gop=1"}},
    "mp4-intra": {"gop": 1},
    "mov": {"gop": 3, "bframes": 2, "container_format": "mov"},
    "mkv": {"bframes": 2, "gop": 7, "container_format": "matroska"},
    "webm": {"codec": "libvpx", "gop": 8, "container_format": "webm"},
}


def both(clip: bytes) -> tuple[ScannedTimeline, IndexedTimeline]:
    media = MemoryMedia(clip)
    indexed = read_index(Demuxer(media, []))
    assert indexed is not None
    return scan(Demuxer(media, [])), indexed


@pytest.mark.parametrize("kind", INDEXED)
def test_an_index_tells_what_a_scan_tells(kind: str) -> None:
    scanned, indexed = both(clip_bytes(40, **{"container_format": "mp4", **INDEXED[kind]}))
    assert indexed.last_pts() == scanned.last_pts() == scanned.pts[-1]
    assert indexed.time_base == scanned.time_base
    assert indexed.end == pytest.approx(scanned.end, abs=2)
    for pts in scanned.pts:
        for ticks in (pts - 1, pts, pts + 1):
            assert indexed.shown_at(ticks) == scanned.shown_at(ticks)
        near = indexed.keyframe_before(pts)
        assert near is not None
        # The index may count decoding times, and then tell a keyframe some frames early.
        assert indexed.pts_of_keyframe(near) in scanned.keyframes
        assert scanned.keyframe_before(near) in {scanned.keyframe_before(pts), None} or near <= pts
    assert indexed.keyframe_after(scanned.pts[-1]) is None
    assert indexed.all_pts() is None
    assert indexed.contains(scanned.pts[0]) is None


@pytest.mark.parametrize("container_format", ["mpegts", "flv", "avi", "h264"])
def test_other_containers_are_scanned(container_format: str) -> None:
    clip = clip_bytes(30, gop=5, container_format=container_format)
    assert read_index(Demuxer(MemoryMedia(clip), [])) is None


def test_one_keyframe_in_matroska_is_no_index() -> None:
    clip = clip_bytes(30, container_format="matroska")
    assert read_index(Demuxer(MemoryMedia(clip), [])) is None
