from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.video.demuxing import Demuxer
from budgetfit.video.media import MemoryMedia
from budgetfit.video.timeline import ScannedTimeline, scan
from tests.video.clips import clip_bytes

ascending = st.sets(st.integers(-50, 200), min_size=1).map(sorted)


@given(ascending, st.data(), st.integers(-60, 220))
def test_a_scan_answers_by_definition(pts: list[int], data: st.DataObject, ticks: int) -> None:
    keyframes = sorted({pts[0], *data.draw(st.sets(st.sampled_from(pts)))})
    timeline = ScannedTimeline(pts, keyframes, pts[-1] + 1, Fraction(1, 25), in_order=False)
    assert timeline.shown_at(ticks) == max((p for p in pts if p <= ticks), default=pts[0])
    assert timeline.keyframe_before(ticks) == max(
        (k for k in keyframes if k <= ticks), default=None
    )
    assert timeline.keyframe_after(ticks) == min((k for k in keyframes if k > ticks), default=None)
    assert timeline.contains(ticks) == (ticks in pts)
    assert timeline.last_pts() == max(pts)


def test_frames_without_timestamps_count_by_order() -> None:
    timeline = scan(Demuxer(MemoryMedia(clip_bytes(12, bframes=2, container_format="h264")), []))
    assert timeline.in_order
    assert timeline.pts == list(range(12))
    assert timeline.time_base == Fraction(1, 25)
    assert timeline.end == 12


def test_keyframes_are_sought_by_when_they_are_shown_and_decoded() -> None:
    clip = clip_bytes(20, bframes=2, gop=5, container_format="mpegts")
    timeline = scan(Demuxer(MemoryMedia(clip), []))
    second = timeline.keyframes[1]
    assert timeline.seek_points(second + 1) == (second, timeline.decoding_times[second])
    assert timeline.decoding_times[second] < second
    assert timeline.seek_points(timeline.pts[0] - 9) == (timeline.pts[0] - 9,)
