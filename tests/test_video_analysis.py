"""Looking once: plans from an analysis are those from the video, and nothing is decoded again."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import budgetfit
from budgetfit.constraints import AtLeast, Exclude, MinSize, Show
from budgetfit.errors import UsageError, VideoChangedError, VideoError

WHAT_COUNTS = ("frames", "prompt", "num_tokens", "information", "best_bound", "status")


def decided(plan: budgetfit.Plan) -> tuple[object, ...]:
    return tuple(getattr(plan, name) for name in WHAT_COUNTS)


def pictures(count: int) -> list[Image.Image]:
    random = np.random.default_rng(3)
    return [
        Image.fromarray(
            np.kron(random.integers(0, 255, (6, 8, 3)), np.ones((8, 8, 1))).astype("u1")
        )
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> budgetfit.VideoAnalysis:
    return budgetfit.analyze(package_clips["bigbuckbunny"])


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"max_images": 2},
        {"max_model_len": 900, "time_labels": True},
        {"montage": True, "max_images": 2},
        {"constraints": [Show(1.23), Exclude(3, 4)]},
        {"constraints": [MinSize(320, 176)]},
        {"relevance": [(0.0, 1.0, 5.0)]},
    ],
    ids=str,
)
def test_a_plan_from_an_analysis_is_the_plan_of_the_video(
    bunny: budgetfit.VideoAnalysis, arguments: dict[str, Any]
) -> None:
    again = budgetfit.plan(bunny, "Describe.", **arguments)
    assert bunny.info.path is not None
    alone = budgetfit.plan(bunny.info.path, "Describe.", **arguments)
    assert decided(again) == decided(alone)
    assert again.asked == alone.asked


def test_a_changed_limit_reads_nothing(tmp_path: Path, package_clips: dict[str, Path]) -> None:
    copy = tmp_path / "clip.mp4"
    copy.write_bytes(package_clips["bikes"].read_bytes())
    analysis = budgetfit.analyze(copy)
    copy.unlink()
    plans = [budgetfit.plan(analysis, "Describe.", max_images=number) for number in (1, 2, 8)]
    assert [len(plan.frames) for plan in plans] == [1, 2, 8]
    # What a player shows at a time between the looks has to be looked at.
    with pytest.raises(VideoError):
        budgetfit.plan(analysis, constraints=[Show(analysis.times_s[1] + 0.05)])
    assert budgetfit.plan(analysis, constraints=[Show(analysis.times_s[1])])


def test_another_video_in_its_place_is_noticed(
    tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    copy = tmp_path / "clip.mp4"
    copy.write_bytes(package_clips["bikes"].read_bytes())
    analysis = budgetfit.analyze(copy)
    copy.write_bytes(package_clips["bigbuckbunny"].read_bytes())
    with pytest.raises(VideoChangedError):
        analysis.also_at([1.017])


@given(st.data())
def test_a_part_is_planned_from_frames_inside_it(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 20))
    first, last = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2)))
    images, times = pictures(count), [float(index) for index in range(count)]
    if first == last:
        with pytest.raises(UsageError, match="is not before end_s"):
            budgetfit.analyze((images, times), start_s=first, end_s=last)
        return
    analysis = budgetfit.analyze((images, times), start_s=first, end_s=last)
    assert {first, last} <= set(analysis.times_s) <= set(range(first, last + 1))
    plan = budgetfit.plan(analysis, "")
    assert all(first <= frame.time_s <= last for frame in plan.frames)
    whole = budgetfit.plan((images, times), "", start_s=first, end_s=last)
    assert decided(whole) == decided(plan)


def test_what_was_seen_weighs_the_time_of_the_part_alone(bunny: budgetfit.VideoAnalysis) -> None:
    assert bunny.info.path is not None
    part = budgetfit.analyze(bunny.info.path, start_s=1.0, end_s=2.0)
    looked = part.looks.candidates(keep_all=True)
    assert sum(looked.span_s) == pytest.approx(2.0 - part.times_s[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"num_candidates": 0}, "num_candidates is 0"),
        ({"num_candidates": True}, "num_candidates is True"),
        ({"start_s": "1"}, "start_s is '1'"),
        ({"start_s": -1.0}, "-1.0 s is outside"),
        ({"end_s": 1e6}, "is outside"),
        ({"start_s": 3.0, "end_s": 2.0}, "start_s 3.0 is not before end_s 2.0"),
    ],
)
def test_bad_arguments(
    package_clips: dict[str, Path], arguments: dict[str, Any], said: str
) -> None:
    for function in (budgetfit.analyze, budgetfit.plan):
        with pytest.raises(UsageError, match=said):
            function(package_clips["bikes"], **arguments)


def test_looking_again_at_what_was_looked_at(bunny: budgetfit.VideoAnalysis) -> None:
    with pytest.raises(UsageError, match="num_candidates 5, start_s None and end_s 3"):
        budgetfit.plan(bunny, num_candidates=5, end_s=3.0)


def test_demands_on_moments_add_looks(bunny: budgetfit.VideoAnalysis) -> None:
    demand = AtLeast(3, 1.0, 1.3)
    more = bunny.also_at(demand.also_at_s)
    assert set(more.times_s) > set(bunny.times_s)
    assert bunny.also_at(bunny.times_s) is bunny
    plan = budgetfit.plan(bunny, constraints=[demand])
    assert sum(1.0 <= frame.time_s <= 1.3 for frame in plan.frames) >= 3


def test_it_says_what_it_is(bunny: budgetfit.VideoAnalysis) -> None:
    assert "640x360" in repr(bunny)
    assert f"{len(bunny.times_s)} frames looked at" in repr(bunny)


def test_a_plan_that_goes_to_another_process_leaves_behind_what_is_large(
    bunny: budgetfit.VideoAnalysis,
) -> None:
    plan = budgetfit.plan(bunny, max_images=2)
    copy = pickle.loads(pickle.dumps(plan))
    assert plan.made_from is not None
    assert copy.made_from is None
    assert copy == plan
