"""A plan's methods lead to the parts that answer them, with what they are given."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.errors import VideoError
from budgetfit.explain import Comparison, Explanation, Frontier


@pytest.fixture(scope="module")
def plan(package_clips: dict[str, Path]) -> budgetfit.Plan:
    analysis = budgetfit.analyze(package_clips["bikes"], num_candidates=9)
    return budgetfit.plan(analysis, "Describe.", max_images=3)


@pytest.fixture
def without_its_video(
    plan: budgetfit.Plan, package_clips: dict[str, Path], tmp_path: Path
) -> tuple[budgetfit.Plan, Path]:
    """Return the plan as from a file, of a video that moved, and where it is now."""
    there, here = tmp_path / "there.mp4", tmp_path / "here.mp4"
    there.write_bytes(package_clips["bikes"].read_bytes())
    budgetfit.plan(there, "Describe.", max_images=3, num_candidates=9).save(tmp_path / "plan.json")
    there.rename(here)
    return budgetfit.Plan.load(tmp_path / "plan.json"), here


def test_each_question_has_its_answer(plan: budgetfit.Plan) -> None:
    explanation = plan.explain(why_not_s=[1.0])
    assert isinstance(explanation, Explanation)
    assert len(explanation.why_not) == 1
    found = plan.frontier(num_points=3, room_tokens=4000, max_images=[1, 2])
    assert isinstance(found, Frontier)
    assert [curve.max_images for curve in found.curves] == [1, 2]
    assert found.curves[0].points[-1].num_tokens == 4000
    (other,) = plan.alternatives(1, min_new_frames=1, min_difference_s=0.5)
    comparison = plan.compare(other)
    assert isinstance(comparison, Comparison)
    assert comparison.information == (plan.information, other.information)


def test_a_video_that_moved_is_given(
    without_its_video: tuple[budgetfit.Plan, Path], tmp_path: Path
) -> None:
    loaded, here = without_its_video
    ask: list[Callable[..., Any]] = [
        loaded.explain,
        lambda **video: loaded.frontier(num_points=2, **video),
        lambda **video: loaded.alternatives(1, **video),
        lambda **video: loaded.report(tmp_path / "report.html", **video),
    ]
    for question in ask:
        with pytest.raises(VideoError):
            question()
        question(video=here)
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_a_notebook_shows_the_plan_or_its_text(
    plan: budgetfit.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragment = plan._repr_html_()
    assert fragment is not None
    assert fragment.count("<img") == len(plan.pictures)
    real = builtins.__import__

    def without_jinja(name: str, *rest: Any) -> Any:
        if name == "jinja2":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_jinja)
    assert plan._repr_html_() is None
