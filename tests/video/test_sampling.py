from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.video.sampling import choose_pts, target_ticks
from budgetfit.video.timeline import ScannedTimeline


def timeline_of(pts: list[int], keyframes: list[int]) -> ScannedTimeline:
    return ScannedTimeline(pts, keyframes, pts[-1] + 1, Fraction(1, 1000), in_order=False)


@st.composite
def timelines(draw: st.DrawFn) -> ScannedTimeline:
    steps = draw(st.lists(st.integers(1, 50), min_size=1, max_size=120))
    pts = [sum(steps[: i + 1]) - steps[0] for i in range(len(steps))]
    keyframes = draw(st.sets(st.sampled_from(pts)))
    return timeline_of(pts, sorted({pts[0], *keyframes}))


@given(timelines(), st.integers(1, 40))
def test_candidates_are_spread_frames_of_the_video(
    timeline: ScannedTimeline, num_candidates: int
) -> None:
    duration = Fraction(timeline.end - timeline.pts[0])
    targets = target_ticks(num_candidates, Fraction(timeline.pts[0]), duration)
    chosen = choose_pts(timeline, targets)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(timeline.pts)
    assert len(chosen) <= num_candidates
    assert chosen[0] == timeline.pts[0]
    if num_candidates > 1:
        assert chosen[-1] == timeline.pts[-1]
        spacing = duration / (num_candidates - 1)
        reach = spacing / (2 if spacing * timeline.time_base >= 2 else 4)
        for target in targets:
            shown = timeline.shown_at(target)
            # The frame shown then, or one near it by the spacing.
            assert any(c == shown or abs(c - target) <= reach + 1 for c in chosen)
    if len(timeline.pts) <= num_candidates:
        assert chosen == timeline.pts


@given(timelines(), st.integers(2, 40))
def test_one_keyframe_means_exactly_what_is_shown(
    timeline: ScannedTimeline, num_candidates: int
) -> None:
    pts = timeline.pts
    single = timeline_of(pts, pts[:1])
    targets = target_ticks(num_candidates, Fraction(pts[0]), Fraction(single.end - pts[0]))
    chosen = choose_pts(single, targets)
    if len(pts) > num_candidates and targets[1] > (targets[-1] - pts[0]) / (4 * num_candidates):
        shown = {max(p for p in pts if p <= target) for target in targets[:-1]} | {pts[-1]}
        exact = set(chosen) == shown
        # The first frame, a keyframe, may stand for targets close to it where there are few.
        assert exact or len(targets) <= 4


def test_targets_include_the_middles_of_halvings() -> None:
    targets = target_ticks(9, Fraction(100), Fraction(8000))
    assert targets == [100 + 1000 * i for i in range(9)]
    assert {100 + 8000 * (2 * j + 1) // 8 for j in range(4)} <= set(targets)


def test_keyframes_stand_in_only_where_they_are_dense() -> None:
    pts = list(range(0, 10_000, 10))
    targets = target_ticks(11, Fraction(0), Fraction(10_000))
    dense = choose_pts(timeline_of(pts, pts[::30]), targets)
    assert all(chosen % 300 == 0 for chosen in dense[:-1])
    sparse = choose_pts(timeline_of(pts, pts[::300]), targets)
    assert sparse == [*range(0, 10_000, 1000), 9990]


def test_widely_spaced_targets_take_any_keyframe_that_is_theirs() -> None:
    pts = list(range(0, 100_000, 100))
    targets = target_ticks(11, Fraction(0), Fraction(100_000))
    chosen = choose_pts(timeline_of(pts, pts[::70]), targets)
    assert all(one % 7000 == 0 for one in chosen[:-1])
    assert len(chosen) == 11


def test_a_keyframe_at_or_before_the_target_is_preferred() -> None:
    pts = list(range(0, 10_000, 10))
    intra = choose_pts(timeline_of(pts, pts), target_ticks(8, Fraction(0), Fraction(10_000)))
    assert intra == [10_000 * i // 7 // 10 * 10 for i in range(7)] + [9990]
