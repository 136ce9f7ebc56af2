"""The timeline of real plans, whose explained moments come from the planner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.image import BboxImage
from matplotlib.patches import StepPatch
from PIL import Image

import budgetfit
from budgetfit import plots
from budgetfit.explain.moments import explained_moments
from tests.plots.drawings import new_axes


@pytest.fixture(scope="module")
def plan(package_clips: dict[str, Path]) -> budgetfit.Plan:
    return budgetfit.plan(package_clips["bigbuckbunny"], "what is this", max_images=5)


def shown_area(ax: Axes) -> float:
    """Seconds times share shown, over all parts of the band but its background."""
    bands = [patch for patch in ax.patches if isinstance(patch, StepPatch)]
    area = 0.0
    for band in bands:
        values, edges, _ = band.get_data()
        if band.get_linewidth() == 0:
            area += float(np.sum(values * np.diff(edges)))
    return area


def test_the_band_is_what_is_explained(plan: budgetfit.Plan) -> None:
    ax = plots.timeline(plan, ax=new_axes())
    moments = explained_moments(plan)
    expected = sum(m.span_s * m.explained for m in moments if m.frame is not None)
    assert shown_area(ax) == pytest.approx(expected)
    assert sum(isinstance(each, BboxImage) for each in ax.get_children()) == len(plan.frames)


def test_a_plan_from_a_file_has_the_same_timeline(plan: budgetfit.Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    ax, same = (plots.timeline(each, ax=new_axes()) for each in (plan, loaded))
    assert [text.get_text() for text in ax.texts] == [text.get_text() for text in same.texts]
    assert shown_area(ax) == pytest.approx(shown_area(same))


def test_a_sheets_tiles_are_lettered(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(
        package_clips["bigbuckbunny"], "", profile="cosmos-transfer1", montage=True
    )
    assert plan.sheets
    ax = plots.timeline(plan, ax=new_axes())
    letters = [text.get_text() for text in ax.texts if text.get_text() in {"A", "B"}]
    assert len(letters) == sum(len(sheet.frames) for sheet in plan.sheets)


def test_where_there_is_nothing_to_see_it_says_so() -> None:
    black = [Image.new("RGB", (64, 48))] * 4
    plan = budgetfit.plan((black, [0.0, 1.0, 2.0, 3.0]), "")
    ax = plots.timeline(plan, ax=new_axes())
    assert not any(moment.weight for moment in explained_moments(plan))
    assert "nothing to see" in [text.get_text() for text in ax.texts]


def test_from_two_minutes_on_times_are_in_minutes() -> None:
    shades = [Image.new("RGB", (64, 48), (40 * step,) * 3) for step in range(6)]
    plan = budgetfit.plan((shades, [step * 50.0 for step in range(6)]), "")
    ax = plots.timeline(plan, ax=new_axes())
    assert ax.get_xlabel() == "minutes:seconds"
    assert {"0:00", "1:00", "4:00"} <= {tick.get_text() for tick in ax.get_xticklabels()}
