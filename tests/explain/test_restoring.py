"""A plan from a file is made again as it was: the same problem, the same solution."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit import PromptBlock
from budgetfit.constraints import AtLeast, Exclude, Keep, SameSize
from budgetfit.errors import PlanFileError, UsageError, VideoChangedError, VideoError
from budgetfit.explain.restoring import restored

LINES = "\n".join(f"[{second} s] somebody says number {second}" for second in range(60))


@pytest.mark.parametrize(
    "arguments",
    [
        {"prompt": "Describe."},
        {"profile": "cosmos-transfer1"},
        {"prompt": "word " * 5000, "max_model_len": 1500},
        {"prompt": [PromptBlock(LINES, cut="line"), PromptBlock("What?", required=True)]},
        {"montage": True, "max_images": 3, "time_labels": True},
        {"montage": True, "max_images": 2, "system_prompt": "Be brief."},
        {"constraints": [SameSize(), Exclude(0, 1)], "max_images": 3},
        {"constraints": [AtLeast(2, 1.0, 1.4)], "time_labels": True},
        {"start_s": 1.0, "end_s": 3.0, "num_candidates": 17},
        {"relevance": [(0.0, 1.0, 4.0)], "max_images": 2},
    ],
    ids=str,
)
def test_a_saved_plan_is_made_again(
    tmp_path: Path, package_clips: dict[str, Path], arguments: dict[str, Any]
) -> None:
    plan = budgetfit.plan(package_clips["bigbuckbunny"], **arguments)
    plan.save(tmp_path / "plan.json")
    again = restored(budgetfit.Plan.load(tmp_path / "plan.json"))
    assert again == plan
    assert again.made_from is not None
    assert plan.made_from is not None
    assert again.made_from.solution == plan.made_from.solution
    mine, before = again.made_from.posed.problem, plan.made_from.posed.problem
    assert np.array_equal(mine.values, before.values)
    assert (mine.rules, mine.prompt_options, mine.sheets) == (
        before.rules,
        before.prompt_options,
        before.sheets,
    )
    assert restored(plan) is plan


def test_a_video_in_memory_has_to_be_given_again(
    tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    video = package_clips["bikes"].read_bytes()
    plan = budgetfit.plan(video, max_images=2, constraints=[Keep([])])
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    with pytest.raises(VideoError, match="in memory"):
        restored(loaded)
    again = restored(loaded, video)
    assert again == plan
    assert [image.size for image in again.images()] == [
        (frame.width, frame.height) for frame in plan.frames
    ]
    with pytest.raises(VideoChangedError):
        restored(loaded, package_clips["bigbuckbunny"].read_bytes())


def test_what_a_file_cannot_hold_is_named(tmp_path: Path, package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=2, customize=lambda model: None)
    assert restored(plan) is plan
    plan.save(tmp_path / "plan.json")
    with pytest.raises(UsageError, match="made with customize, which no file can hold"):
        restored(budgetfit.Plan.load(tmp_path / "plan.json"))
    with pytest.raises(PlanFileError, match="does not say what was asked"):
        restored(replace(plan, made_from=None, asked=None))


@pytest.mark.parametrize("change", [{"information": 0.5}, {"frames.0.pts": 1}])
def test_a_plan_of_another_measure_is_refused(
    tmp_path: Path, package_clips: dict[str, Path], change: dict[str, Any]
) -> None:
    path = tmp_path / "plan.json"
    budgetfit.plan(package_clips["bikes"], max_images=1).save(path)
    data = json.loads(path.read_text())
    for name, value in change.items():
        if name.startswith("frames"):
            data["frames"][0]["pts"] += value
        else:
            data[name] *= value
    path.write_text(json.dumps(data))
    with pytest.raises(PlanFileError, match="another version made it; plan again"):
        restored(budgetfit.Plan.load(path))
