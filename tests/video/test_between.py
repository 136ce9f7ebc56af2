"""Second looks: frames inside gaps between frames that were seen, never one of these."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from budgetfit.errors import VideoError
from budgetfit.video.container import ContainerSource
from budgetfit.video.info import CandidateFrame
from budgetfit.video.media import MemoryMedia
from budgetfit.video.sampling import choose_between
from budgetfit.video.sources import VideoSource, open_source
from budgetfit.video.timeline import ScannedTimeline
from tests.video.clips import clip_bytes, numbered_pictures, read_number
from tests.video.test_container import KINDS
from tests.video.test_sampling import timelines


def seen_between(source: VideoSource, num_candidates: int) -> list[CandidateFrame]:
    """Look at frames, then inside all gaps between them; check that the gaps are kept."""
    first = [frame.time_s for frame in source.sample(num_candidates)]
    second = list(source.between(list(pairwise(first))))
    filled = np.searchsorted(first, [frame.time_s for frame in second])
    assert len(set(filled.tolist())) == len(second)
    assert [frame.time_s for frame in second] == sorted(frame.time_s for frame in second)
    assert not {frame.time_s for frame in second} & set(first)
    assert all(first[0] < frame.time_s < first[-1] for frame in second)
    return second


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("max_scanned_bytes", [0, 10**9])
def test_frames_are_what_their_timestamps_say(kind: str, max_scanned_bytes: int) -> None:
    media = MemoryMedia(clip_bytes(24, **{"container_format": "mp4", **KINDS[kind]}))
    with ContainerSource(media, max_scanned_bytes=max_scanned_bytes) as source:
        every = {frame.pts: read_number(frame.luma) for frame in source.sample(100)}
        second = seen_between(source, 4)
        assert [every[frame.pts] for frame in second] == [read_number(f.luma) for f in second]
        for frame in second:
            (again,) = source.decode([frame.pts], [(64, 48)])
            assert read_number(np.asarray(again)) == every[frame.pts]


@pytest.mark.parametrize("gop", [1, 2, 5])
def test_every_gap_with_keyframes_inside_is_filled(gop: int) -> None:
    with open_source(clip_bytes(61, gop=gop, bframes=2 if gop > 1 else 0)) as source:
        assert len(seen_between(source, 4)) == 3


def test_nothing_is_decoded_from_before_a_gap() -> None:
    with open_source(clip_bytes(60)) as source:
        assert seen_between(source, 5) == []


def test_pictures_of_a_sequence() -> None:
    times = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]
    with open_source(numbered_pictures(6), times_s=times) as source:
        gaps = [(0.0, 2.0), (2.0, 10.0), (10.0, 12.0)]
        found = list(source.between(gaps))
        # Nothing comes up from 2 to 10 s.
        assert [(frame.time_s, frame.pts) for frame in found] == [(1.0, 1), (11.0, 4)]
        assert [read_number(frame.luma) for frame in found] == [1, 4]


def test_a_closed_video_is_refused() -> None:
    source = open_source(clip_bytes(30, gop=2))
    source.close()
    with pytest.raises(VideoError):
        list(source.between([(0.0, 1.0)]))


@given(timelines())
def test_a_frame_between_costs_less_than_its_gap(timeline: ScannedTimeline) -> None:
    for begin, end in pairwise(timeline.pts[::4]):
        chosen = choose_between(timeline, begin, end)
        inner = [pts for pts in timeline.keyframes if begin < pts < end]
        if chosen is None:
            margin = Fraction(end - begin, 8)
            well_inside = [pts for pts in inner if begin + margin <= pts <= end - margin]
            assert not well_inside
            continue
        assert begin < chosen < end
        assert chosen in timeline.pts
        keyframe = timeline.keyframe_before(chosen)
        assert keyframe is not None
        assert begin < keyframe


def test_the_keyframe_nearest_to_the_middle_is_taken() -> None:
    pts = list(range(0, 1000, 10))
    for keyframes, expected in (
        ([0, 200, 480, 700], 480),
        ([0, 200, 600], 600),
        ([0, 100], 490),  # too near to the beginning, so that the middle's own frame is decoded
        ([0, 950], None),
        ([0], None),
    ):
        timeline = ScannedTimeline(pts, keyframes, 1000, Fraction(1, 1000), in_order=False)
        assert choose_between(timeline, 0, 990) == expected
