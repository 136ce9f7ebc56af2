"""Plans with sheets, on real clips: exact, never worse, within every demand, and said why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import Exclude, Keep, MaxTokensPerImage, MinSize, SameSize, Show
from budgetfit.cpsat.plan_model import PlanModel
from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.tokens.images import num_image_tokens

CLIPS = ["bikes", "carphone_pristine"]


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


def check(plan: budgetfit.Plan) -> budgetfit.Plan:
    """The request is counted, its pictures have their sizes and tokens, tiles are in time order."""
    profile = budgetfit.PROFILES[plan.profile]
    assert len(plan.prompt_token_ids()) == plan.num_tokens <= plan.limits.max_prompt_tokens
    assert plan.limits.max_images is None or len(plan.pictures) <= plan.limits.max_images
    times = [frame.time_s for frame in plan.frames]
    assert times == sorted(set(times))
    images = plan.images()
    assert [(i.width, i.height) for i in images] == [(p.width, p.height) for p in plan.pictures]
    for picture in plan.pictures:
        assert picture.num_tokens == num_image_tokens(picture.width, picture.height, profile)
    on_sheets = [index for sheet in plan.sheets for index in sheet.frames]
    assert len(on_sheets) == len(set(on_sheets)) == sum(s.columns * s.rows for s in plan.sheets)
    assert plan.information <= plan.best_bound
    return plan


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("time_labels", [False, True])
@pytest.mark.parametrize("max_images", [1, 2, None])
def test_plans_are_exact_and_never_worse_than_without(
    package_clips: dict[str, Path], clip: str, time_labels: bool, max_images: int | None
) -> None:
    ask: dict[str, Any] = {
        "max_images": max_images,
        "max_model_len": 2000,
        "time_labels": time_labels,
    }
    without = budgetfit.plan(package_clips[clip], "What happens?", **ask)
    plan = check(budgetfit.plan(package_clips[clip], "What happens?", montage=True, **ask))
    assert without.sheets == ()
    # Both are proved within half a per cent of their best.
    assert plan.information >= without.information * (1 - 0.005)
    if max_images == 1:
        assert plan.sheets
        assert plan.information > without.information
        assert {sheet.label_rows for sheet in plan.sheets} == {int(time_labels)}


def test_two_images_show_many_moments_of_cut_footage(clips_dir: Path) -> None:
    clip = clips_dir / "multishot_city.mp4"
    without = budgetfit.plan(clip, profile="cosmos-transfer1")
    plan = check(budgetfit.plan(clip, profile="cosmos-transfer1", montage=True))
    assert len(plan.pictures) <= 2
    assert len(plan.frames) >= 16
    assert plan.information >= 2 * without.information


def test_demands_hold_on_sheets_too(bunny: Path) -> None:
    demands = [Show(2.0), Show(4.0), Exclude(0, 1), MaxTokensPerImage(900)]
    plan = check(budgetfit.plan(bunny, max_images=1, montage=True, constraints=demands))
    assert plan.sheets
    assert all(picture.num_tokens <= 900 for picture in plan.pictures)
    assert all(frame.time_s > 1 for frame in plan.frames)
    at_2s = budgetfit.plan(bunny, max_images=1, constraints=[Show(2.0)]).frames[0].pts
    assert at_2s in {frame.pts for frame in plan.frames}
    equal = [SameSize(), MinSize(200, 100)]
    plan = check(budgetfit.plan(bunny, max_images=2, montage=True, constraints=equal))
    assert len({(frame.width, frame.height) for frame in plan.frames}) == 1
    assert all(frame.width >= 200 and frame.height >= 100 for frame in plan.frames)


def test_a_montage_can_be_kept(bunny: Path) -> None:
    plan = budgetfit.plan(bunny, max_images=1, max_model_len=2000, montage=True)
    assert plan.sheets
    kept = check(budgetfit.plan(bunny, max_images=2, montage=True, constraints=[Keep(plan.frames)]))
    sizes = {(frame.pts, frame.width, frame.height) for frame in kept.frames}
    assert {(frame.pts, frame.width, frame.height) for frame in plan.frames} <= sizes
    # A size that only tiles have.
    with pytest.raises(UsageError, match="cannot be had"):
        budgetfit.plan(bunny, constraints=[Keep(plan.frames)])


def test_what_is_infeasible_as_pictures_is_feasible_on_sheets(bunny: Path) -> None:
    demands = [Show(time_s) for time_s in (0.5, 1.5, 2.5, 3.5)]
    with pytest.raises(InfeasibleError, match="max_images 2 -> 4"):
        budgetfit.plan(bunny, max_images=2, constraints=demands)
    plan = check(budgetfit.plan(bunny, max_images=2, montage=True, constraints=demands))
    assert len(plan.frames) >= 4


def test_what_sheets_cannot_hold_either_is_explained(bunny: Path) -> None:
    demands = [Show(time_s) for time_s in (0.5, 1.5, 2.5, 3.5)]
    with pytest.raises(InfeasibleError) as caught:
        budgetfit.plan(
            bunny,
            max_images=1,
            max_model_len=400,
            max_tokens=300,
            montage=True,
            constraints=demands,
        )
    conflict = caught.value.conflict
    assert conflict is not None
    needed = next(member for member in conflict.members if "max_model_len" in member.name).needed
    assert needed is not None
    plan = check(
        budgetfit.plan(
            bunny,
            max_images=1,
            max_model_len=needed + 300,
            max_tokens=300,
            montage=True,
            constraints=demands,
        )
    )
    assert plan.num_tokens <= needed


def test_the_raw_model_has_the_sheets(bunny: Path) -> None:
    def one_sheet_alone(opened: PlanModel) -> None:
        opened.model.add(sum(opened.sheet) == 1)
        opened.model.add(opened.num_images == 1)

    plan = check(budgetfit.plan(bunny, montage=True, customize=one_sheet_alone))
    assert len(plan.sheets) == len(plan.pictures) == 1


def test_a_plan_file_keeps_its_sheets(bunny: Path, tmp_path: Path) -> None:
    plan = budgetfit.plan(bunny, max_images=1, max_model_len=2000, montage=True)
    assert plan.sheets
    plan.save(tmp_path / "plan.json")
    again = budgetfit.Plan.load(tmp_path / "plan.json")
    assert again == plan
    pairs = zip(plan.images(), again.images(), strict=True)
    assert all(np.array_equal(np.asarray(one), np.asarray(other)) for one, other in pairs)


def test_equal_input_gives_equal_montages(bunny: Path) -> None:
    first, second = (budgetfit.plan(bunny, max_images=2, montage=True) for _ in range(2))
    assert (first.frames, first.sheets) == (second.frames, second.sheets)


def test_montage_is_a_bool(bunny: Path) -> None:
    with pytest.raises(UsageError, match="montage is 'yes'; it must be True or False"):
        budgetfit.plan(bunny, montage="yes")  # type: ignore[arg-type]
