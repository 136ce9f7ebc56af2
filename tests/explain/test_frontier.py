"""The frontier: a proved plan in every room, and marks in the same measure."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit import PromptBlock
from budgetfit.constraints import AtLeast, SameSize, Show
from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.explain.frontier import Frontier, FrontierCurve, FrontierPoint, frontier
from budgetfit.explain.marks import marks_of
from budgetfit.plans import Plan
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS

CLIPS = os.environ.get("BUDGETFIT_CLIPS")
LINES = "\n".join(f"[{second} s] somebody says number {second}" for second in range(60))
GAP = 0.005
# Long enough on a machine that does much else.
PATIENT = 60.0


@pytest.fixture(scope="module")
def seen(package_clips: dict[str, Path]) -> budgetfit.VideoAnalysis:
    return budgetfit.analyze(package_clips["bigbuckbunny"])


def check(found: Frontier, gap: float = GAP) -> None:
    """Each plan keeps its room, is counted exactly and proved; nothing falls on the way."""
    for curve in found.curves:
        rooms = [point.num_tokens for point in curve.points]
        assert rooms == sorted(set(rooms))
        for point in curve.points:
            plan = point.plan
            assert plan.num_tokens <= point.num_tokens == plan.limits.max_prompt_tokens
            assert plan.limits.max_images == curve.max_images
            assert curve.max_images is None or len(plan.pictures) <= curve.max_images
            assert len(replace(plan).prompt_token_ids()) == plan.num_tokens
            assert point.gap <= gap
            assert point.information <= point.best_bound
        for before, after in pairwise(curve.points):
            if before.plan.prompt.text == after.plan.prompt.text:
                assert before.information <= after.information
                assert before.best_bound <= after.best_bound


def test_every_point_is_what_planning_for_its_room_finds(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen)
    found = frontier(plan, num_points=8, time_limit_s=PATIENT)
    check(found)
    (curve,) = found.curves
    assert len(curve.points) == 8
    for point in curve.points:
        alone = budgetfit.plan(seen, max_model_len=point.num_tokens + 300)
        assert alone.limits == point.plan.limits
        assert point.best_bound >= alone.information
        assert alone.best_bound >= point.information


def test_the_plans_own_room_is_one_of_the_points(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, max_model_len=1777)
    found = frontier(plan, num_points=5, time_limit_s=PATIENT)
    assert found.budget == 1477
    (point,) = [p for p in found.curves[0].points if p.num_tokens == found.budget]
    assert point.information >= plan.information
    assert point.best_bound <= plan.best_bound
    assert next(iter(found.marks)).information == plan.information


def test_more_images_show_no_less(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen)
    found = frontier(plan, num_points=6, max_images=[None, 1, 4], time_limit_s=PATIENT)
    check(found)
    assert [curve.max_images for curve in found.curves] == [None, 1, 4]
    anything, one, four = ([point.information for point in curve.points] for curve in found.curves)
    assert all(a <= b for a, b in zip(one, four, strict=True))
    # The last room has enough for all, so that images alone limit what is shown.
    assert one[-1] < four[-1] < anything[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        {"profile": "cosmos-transfer1"},
        {"prompt": "word " * 3000, "max_model_len": 1500},
        {"prompt": [PromptBlock(LINES, cut="line"), PromptBlock("What?", required=True)]},
        {"montage": True, "max_images": 2, "time_labels": True},
        {"constraints": [SameSize(), Show(2.0)], "max_images": 4},
        {"constraints": [AtLeast(3, 1.0, 4.0)]},
        {"relevance": [(0.0, 1.0, 4.0)], "max_images": 2},
    ],
    ids=str,
)
def test_whatever_was_asked_is_asked_in_every_room(
    seen: budgetfit.VideoAnalysis, arguments: dict[str, Any]
) -> None:
    plan = budgetfit.plan(seen, **arguments)
    found = frontier(plan, num_points=4, time_limit_s=PATIENT)
    check(found)
    assert all(point.plan.asked == plan.asked for point in found.curves[0].points)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


def test_no_room_is_larger_than_asked(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, max_model_len=1300)
    rooms = [p.num_tokens for p in frontier(plan, num_points=3, room_tokens=2000).curves[0].points]
    assert rooms[-1] == 2000
    assert 1000 in rooms


def test_a_customized_model_is_kept_in_every_room(seen: budgetfit.VideoAnalysis) -> None:
    def at_most_three(model: Any) -> None:
        model.model.add(model.num_images <= 3)

    plan = budgetfit.plan(seen, customize=at_most_three, max_model_len=900)
    found = frontier(plan, num_points=3, room_tokens=800, time_limit_s=5.0)
    assert all(len(point.plan.pictures) <= 3 for point in found.curves[0].points)


def test_a_plan_from_a_file_has_the_same_frontier(
    tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=2)
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    assert frontier(loaded, num_points=4).to_dict() == frontier(plan, num_points=4).to_dict()


def test_marks_are_in_the_plans_measure(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, profile="cosmos-transfer1")
    assert plan.made_from is not None
    marks = {mark.name: mark for mark in marks_of(plan, plan.made_from)}
    assert list(marks) == [
        "this plan",
        "4 equal frames",
        "8 equal frames",
        "16 equal frames",
        "first two frames, 320x176",
    ]
    assert all(0 < mark.information < 1 for mark in marks.values())
    rule = marks["first two frames, 320x176"]
    # Two pictures of 20 x 11 patches with a token at the end of each row, and the prompt.
    assert rule.num_tokens == 2 * (20 * 11 + 11) + plan.prompt.num_tokens + NUM_TEMPLATE_TOKENS
    assert rule.information < marks["this plan"].information
    free = budgetfit.plan(seen)
    assert all(free.best_bound >= mark.information for mark in marks.values())


def test_frames_that_show_the_same_are_one_mark() -> None:
    black = [np.zeros((90, 160, 3), np.uint8)] * 20
    plan = budgetfit.plan((black, [float(second) for second in range(20)]))
    found = frontier(plan, num_points=3)
    check(found)
    names = [mark.name for mark in found.marks]
    assert names == ["this plan", "4 equal frames", "first two frames, 144x80"]
    # There is nothing to see, so that anything shows all of it.
    assert {mark.information for mark in found.marks} == {1.0}
    assert found.curves[0].knee is None


def point(num_tokens: int, information: float, plan: Plan) -> FrontierPoint:
    return FrontierPoint(num_tokens, replace(plan, information=information, best_bound=1.0))


def test_the_knee_is_farthest_above_the_chord(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, max_images=1)
    shares = [(100, 0.0), (200, 0.5), (300, 0.7), (600, 0.9), (1100, 1.0)]
    points = tuple(point(*share, plan) for share in shares)
    # Above the line: 0, 0.4, 0.5, 0.4, 0.
    assert FrontierCurve(None, points).knee == points[2]
    assert FrontierCurve(None, points[:1]).knee is None
    straight = tuple(point(tokens, tokens / 1000, plan) for tokens in (100, 200, 400))
    assert FrontierCurve(None, (straight[0], straight[2])).knee is None
    flat = tuple(point(tokens, 0.5, plan) for tokens in (100, 200))
    assert FrontierCurve(None, flat).knee is None


def test_what_cannot_be_asked_is_refused(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen)
    wrong: list[dict[str, Any]] = [
        {"num_points": 1},
        {"num_points": 2.0},
        {"max_images": [0]},
        {"max_images": ["2"]},
        {"room_tokens": 0},
        {"room_tokens": 5},
    ]
    for arguments in wrong:
        with pytest.raises(UsageError, match=next(iter(arguments))):
            frontier(plan, **arguments)
    shown = budgetfit.plan(seen, constraints=[Show(0.5), Show(3.0)])
    with pytest.raises(InfeasibleError, match="with one image nothing keeps the constraints"):
        frontier(shown, max_images=[1], num_points=3)


def test_it_says_what_more_tokens_buy(seen: budgetfit.VideoAnalysis) -> None:
    found = frontier(budgetfit.plan(seen, max_images=2), num_points=4)
    text = str(found)
    assert text.startswith("With up to 2 images, ")
    assert "The plan's 3796 tokens show " in text
    assert f"{found.curves[0].points[-1].information:.1%}" in text


@pytest.mark.slow
@pytest.mark.skipif(not CLIPS, reason="BUDGETFIT_CLIPS names no folder of clips")
def test_on_further_clips(clips_dir: Path) -> None:
    for name in ("driving_motorway.mp4", "text_tui_vfr.gif", "edge_odd_161x121.webm"):
        if (clips_dir / name).is_file():
            plan = budgetfit.plan(clips_dir / name)
            found = frontier(plan, num_points=6, max_images=[2, None], time_limit_s=PATIENT)
            check(found)
