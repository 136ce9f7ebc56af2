"""What two plans do differently adds up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.constraints import Show
from budgetfit.errors import UsageError
from budgetfit.explain.comparison import compare

# Rounding values down to integers, and weights to shares.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def seen(package_clips: dict[str, Path]) -> budgetfit.VideoAnalysis:
    return budgetfit.analyze(package_clips["bigbuckbunny"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"max_images": 2}),
        ({"max_model_len": 1300}, {"max_model_len": 9000}),
        ({"time_labels": True}, {"prompt": "Tell a story about all of this."}),
        ({"montage": True, "max_images": 1}, {"max_images": 1}),
        ({"constraints": [Show(1.0)]}, {"constraints": [Show(1.0)], "max_images": 1}),
    ],
    ids=str,
)
def test_parts_add_up(
    seen: budgetfit.VideoAnalysis, first: dict[str, Any], second: dict[str, Any]
) -> None:
    plans = budgetfit.plan(seen, **first), budgetfit.plan(seen, **second)
    found = compare(*plans)
    for index, plan in enumerate(plans):
        parts = {number.name: (number.first, number.second)[index] for number in found.tokens}
        assert sum(filter(None, parts.values())) == plan.limits.max_prompt_tokens
        assert parts["pictures"] == sum(picture.num_tokens for picture in plan.pictures)
        assert found.information[index] == plan.information
    assert found.same_measure
    gained = plans[1].information - plans[0].information
    assert sum(moment.gain for moment in found.moments) == pytest.approx(gained, abs=TOLERANCE)
    assert sum(m.gain for m in (*found.better, *found.worse)) == pytest.approx(
        gained, abs=TOLERANCE
    )
    limits = {limit.name: (limit.first, limit.second) for limit in found.limits}
    assert limits["max_images"] == (plans[0].limits.max_images, plans[1].limits.max_images)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


def test_a_plan_is_like_itself(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, max_images=2)
    found = compare(plan, plan)
    assert found.better == found.worse == ()
    assert found.same_prompt
    assert str(found) == (
        "The second plan shows as much of the video as the first: "
        f"{plan.information:.1%} against {plan.information:.1%}."
    )


def test_the_other_way_round_is_the_opposite(seen: budgetfit.VideoAnalysis) -> None:
    few, many = budgetfit.plan(seen, max_images=1), budgetfit.plan(seen, max_images=6)
    there, back = compare(few, many), compare(many, few)
    assert [m.gain for m in there.moments] == [-m.gain for m in back.moments]
    assert [m.time_s for m in there.better] == [m.time_s for m in back.worse]
    text = str(there)
    assert "points more of the video than the first" in text
    assert "Its max_images is 6 against 1." in text
    assert f"pictures {there.tokens[0].second} against {there.tokens[0].first}" in text


def test_plans_measured_differently_are_compared_in_the_finer_moments(
    seen: budgetfit.VideoAnalysis,
) -> None:
    plan = budgetfit.plan(seen, max_images=2)
    # Beside constraints, frames that show the same stay apart; this one was not looked at before.
    other = budgetfit.plan(seen, max_images=2, constraints=[Show(2.03)], prompt="Why?")
    found = compare(plan, other)
    assert not found.same_measure
    assert not found.same_prompt
    assert plan.made_from is not None
    assert other.made_from is not None
    assert len(found.moments) == max(
        len(one.made_from.seen.analysis.time_s) for one in (plan, other) if one.made_from
    )
    assert "They send different texts." in str(found)
    assert "what is said of moments is approximate" in str(found)


def test_a_saved_plan_is_compared_as_well(tmp_path: Path, seen: budgetfit.VideoAnalysis) -> None:
    plan, other = budgetfit.plan(seen, max_images=1), budgetfit.plan(seen, max_images=2)
    plan.save(tmp_path / "plan.json")
    assert compare(budgetfit.Plan.load(tmp_path / "plan.json"), other) == compare(plan, other)


def test_other_videos_are_refused(seen: budgetfit.VideoAnalysis) -> None:
    plan = budgetfit.plan(seen, max_images=1)
    other = replace(plan, video=replace(plan.video, fingerprint="sha256:0"))
    with pytest.raises(UsageError, match="different videos, bigbuckbunny"):
        compare(plan, other)
