"""The timeline covers the video without gaps, and axes stay readable."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.explain.moments import ExplainedMoment
from budgetfit.report.axes import time_ticks
from budgetfit.report.naming import NUM_COLORS, frame_names, frame_pictures
from budgetfit.report.pictures import PageImage
from budgetfit.report.timeline import stand_for, timeline_of
from tests.render.plans import SHEETS, make_plan, make_sheet_plan

IMAGE = PageImage("data:,", 1, 1)


@st.composite
def moments_and_sizes(draw: st.DrawFn) -> tuple[list[ExplainedMoment], int]:
    num_frames = draw(st.integers(0, 12))
    rows = draw(
        st.lists(
            st.tuples(st.floats(0.01, 5.0), st.floats(0, 1), st.integers(-1, num_frames - 1)),
            min_size=1,
            max_size=40,
        )
    )
    moments, begin_s = [], 0.0
    for span_s, explained, frame in rows:
        shown = explained if frame >= 0 else 0.0
        moments.append(
            ExplainedMoment(
                begin_s + span_s / 2, span_s, 1 / len(rows), shown, frame if frame >= 0 else None
            )
        )
        begin_s += span_s
    return moments, num_frames


@given(moments_and_sizes(), st.floats(0, 100))
def test_bars_follow_each_other_and_add_up(
    drawn: tuple[list[ExplainedMoment], int], start_s: float
) -> None:
    moments, num_frames = drawn
    plan = make_plan([(64, 48)] * num_frames)
    timeline = timeline_of(plan, moments, [IMAGE] * len(moments), start_s)
    assert timeline.bars[0].start == 0
    assert timeline.bars[-1].start + timeline.bars[-1].width == pytest.approx(1)
    for before, after in pairwise(timeline.bars):
        assert after.start == pytest.approx(before.start + before.width)
    # What the pictures show of what they stand for is all that is shown.
    stands = stand_for(plan, moments, start_s)
    assert len(stands) == len(plan.pictures)
    information = sum(moment.weight * moment.explained for moment in moments)
    assert sum(stand.shown for stand in stands) == pytest.approx(information)
    for bar, moment in zip(timeline.bars, moments, strict=True):
        if moment.frame is None:
            assert (bar.color, bar.picture) == (None, "none")
            assert "No picture shows any of it" in bar.sentence
        else:
            assert bar.color == moment.frame % NUM_COLORS
            assert f"by picture {moment.frame + 1}." in bar.sentence
    assert [mark.number for mark in timeline.marks] == list(range(1, num_frames + 1))
    for where, least in (({"all"}, 0.07), ({"all", "wide"}, 0.022)):
        at = [mark.at for mark in timeline.marks if mark.where in where]
        assert all(after - before >= least for before, after in pairwise(at))


def test_tiles_are_named_with_their_sheet() -> None:
    plan = make_sheet_plan(SHEETS)
    names, pictures = frame_names(plan), frame_pictures(plan)
    assert names[:2] == ("picture 1, tile 1", "picture 1, tile 2")
    assert names[6:8] == ("picture 2, tile 1", "picture 2, tile 2")
    assert names[-1] == "picture 3"
    assert pictures == (1,) * 6 + (2,) * 4 + (3,)


@given(st.floats(0, 1e4), st.floats(0.05, 1e5))
def test_ticks_are_few_and_inside(start_s: float, length_s: float) -> None:
    ticks = time_ticks(start_s, start_s + length_s)
    assert len(ticks) <= 7
    assert all(0 <= tick.at <= 1 for tick in ticks)
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_ticks_are_round() -> None:
    assert [tick.label for tick in time_ticks(0, 10)] == [f"{n} s" for n in range(0, 11, 2)]
    assert [tick.label for tick in time_ticks(0, 1)] == [
        "0 s",
        *(f"0.{n} s" for n in (2, 4, 6, 8)),
        "1 s",
    ]
    assert [tick.label for tick in time_ticks(0, 150)] == [
        "0 s",
        "30 s",
        "1:00",
        "1:30",
        "2:00",
        "2:30",
    ]
