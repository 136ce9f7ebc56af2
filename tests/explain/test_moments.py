"""What is shown of each moment adds up to what is shown of the video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import Exclude
from budgetfit.errors import UsageError
from budgetfit.explain.moments import explained_moments, moments_of
from tests.video.clips import make_clip

# Values are rounded down to hundred millionths, for each of some hundred moments.
ROUNDING = 1e-5


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_images": 3},
        {"profile": "cosmos-transfer1"},
        {"montage": True, "max_images": 2},
        {"constraints": [Exclude(0, 2)], "max_images": 2},
        {"relevance": [(0.0, 1.0, 0.0), (2.0, 3.0, 5.0)], "max_images": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["bigbuckbunny", "bikes"])
def test_moments_add_up(
    package_clips: dict[str, Path], name: str, arguments: dict[str, Any]
) -> None:
    plan = budgetfit.plan(package_clips[name], **arguments)
    moments = explained_moments(plan)
    times_s = [moment.time_s for moment in moments]
    assert times_s == sorted(times_s)
    assert sum(moment.span_s for moment in moments) == pytest.approx(
        plan.video.duration_s, abs=0.05
    )
    assert sum(moment.weight for moment in moments) == pytest.approx(1.0)
    shown = sum(moment.weight * moment.explained for moment in moments)
    assert shown == pytest.approx(plan.information, abs=ROUNDING)
    for moment in moments:
        assert 0 <= moment.explained <= 1
        assert (moment.frame is not None) or moment.explained == 0
    for index, frame in enumerate(plan.frames):
        moment = next(moment for moment in moments if moment.time_s == frame.time_s)
        # A frame shows most of its own moment, unless a larger one that is alike shows more.
        assert moment.frame is not None
        assert moment.frame == index or moment.explained > 0.5


def test_every_worth_is_counted_once(package_clips: dict[str, Path]) -> None:
    made = budgetfit.plan(package_clips["bigbuckbunny"], max_images=1).made_from
    assert made is not None
    assert moments_of(made.seen.analysis).worth.sum() == made.posed.problem.total_value


def test_a_plan_from_a_file_has_the_same_moments(
    tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=2)
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    assert explained_moments(loaded) == explained_moments(plan)


def test_where_nothing_counts_nothing_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "black.mp4"
    make_clip(path, [np.zeros((96, 160, 3), dtype=np.uint8)] * 10, width=160, height=96)
    moments = explained_moments(budgetfit.plan(path))
    assert {(moment.weight, moment.explained, moment.frame) for moment in moments} == {
        (0.0, 0.0, None)
    }


def own(num_moments: int) -> Any:
    def measure(candidates: Any) -> budgetfit.Information:
        number = len(candidates.time_s)
        return budgetfit.Information(
            similarity=np.full((num_moments or number, number), 0.5),
            fidelity=np.full((number, len(candidates.sizes)), 0.5),
            weights=np.ones(num_moments or number),
        )

    return measure


def test_moments_of_an_own_measure_are_the_candidates(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=1, information=own(0))
    assert {moment.frame for moment in explained_moments(plan)} == {0}
    elsewhen = budgetfit.plan(package_clips["bikes"], max_images=1, information=own(3))
    with pytest.raises(UsageError, match=r"gave 3 moments for .* give one moment a candidate"):
        explained_moments(elsewhen)
