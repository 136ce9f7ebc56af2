"""The command explain says what Plan.explain says, of the plan in a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import budgetfit as package
from budgetfit.explain.explanation import explain
from tests.cli.conftest import Command
from tests.video.clips import make_clip


@pytest.fixture
def plan_file(budgetfit: Command, clip: Path, tmp_path: Path) -> Path:
    """Return the file of a plan."""
    path = tmp_path / "plan.json"
    assert budgetfit("plan", clip, "--max-images", 2, "--json", path).code == 0
    return path


def words(text: str) -> list[str]:
    """Words, however lines are broken."""
    return text.split()


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value))


def test_it_says_what_the_explanation_says(
    budgetfit: Command, plan_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "explanation.json"
    done = budgetfit("explain", plan_file, "--why-not", 0.5, "--why-not", 0.2, "--json", target)
    assert (done.code, done.err) == (0, "")
    explanation = explain(package.Plan.load(plan_file), why_not_s=[0.5, 0.2])
    assert words(done.out) == words(str(explanation))
    assert json.loads(target.read_text(encoding="utf-8")) == as_json(explanation.to_dict())


def test_json_goes_to_stdout_and_words_to_stderr(budgetfit: Command, plan_file: Path) -> None:
    done = budgetfit("explain", plan_file, "--json", "-")
    assert done.code == 0
    explanation = explain(package.Plan.load(plan_file))
    assert json.loads(done.out) == as_json(explanation.to_dict())
    assert words(done.err) == words(str(explanation))


def test_the_video_may_be_elsewhere_but_not_another(
    budgetfit: Command, plan_file: Path, clip: Path, tmp_path: Path
) -> None:
    moved, other = tmp_path / "moved.mp4", tmp_path / "other.mp4"
    shutil.copy(clip, moved)
    make_clip(other, 5)
    data = json.loads(plan_file.read_text(encoding="utf-8"))
    data["video"]["path"] = str(tmp_path / "gone.mp4")
    plan_file.write_text(json.dumps(data), encoding="utf-8")
    assert budgetfit("explain", plan_file).code == 3
    assert budgetfit("explain", plan_file, "--video", moved).code == 0
    changed = budgetfit("explain", plan_file, "--video", other)
    assert changed.code == 3
    assert f"{other} is not the video that was planned" in changed.error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--why-not", "9"], "why_not_s has 9.0 s, but the plan is about 0 s to 1 s"),
        (["--why-not", "soon"], "should be a valid number"),
        (["--json", "{plan}"], "is an input as well"),
        (["--json", "/no/such/folder/e.json"], "which is no folder"),
        (["--video", "{plan}"], "plan.json"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    budgetfit: Command, plan_file: Path, arguments: list[str], said: str
) -> None:
    done = budgetfit("explain", plan_file, *(one.format(plan=plan_file) for one in arguments))
    assert done.code == (3 if arguments[0] == "--video" else 2)
    assert said in done.error


def test_a_plan_that_is_none_is_wrong_usage(budgetfit: Command, clip: Path) -> None:
    assert budgetfit("explain", clip).code == 2
    assert budgetfit("explain", clip.parent / "none.json").code == 2
