"""docs/constraints.md says what is so."""

from __future__ import annotations

import json
import math
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.cli import main
from budgetfit.plans import PlannedFrame
from tests.constraints.reference import holds
from tests.video.clips import make_clip

PAGE = (Path(__file__).parents[2] / "docs" / "constraints.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\|[^|]+\| `([^`]+)` \| (?:`([^`]+)` )?\|$", PAGE, re.MULTILINE)
TIMES = [number / 5 for number in range(25)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with five seconds of numbered pictures in clip.mp4."""
    path = tmp_path_factory.mktemp("page")
    make_clip(path / "clip.mp4", 25, fps=5, width=640, height=352)
    return path


def test_the_code_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/constraints.md", "exec"), names)
    plan = names["plan"]
    assert plan.time_labels
    assert 3.2 in [frame.time_s for frame in plan.frames]


def test_every_constraint_is_on_the_page() -> None:
    told = {python.partition("(")[0] for python, _ in ROWS}
    public = [getattr(budgetfit.constraints, name) for name in budgetfit.constraints.__all__]
    every = {kind.__name__ for kind in public if hasattr(kind, "also_at_s")}
    assert told == every - {"Constraint"}


@pytest.mark.parametrize(("python", "flags"), ROWS)
def test_rows_hold(
    folder: Path, python: str, flags: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = folder / "clip.mp4"
    plan = budgetfit.plan(clip, max_images=2)
    constraint = eval(python, vars(budgetfit.constraints) | {"plan": plan, "math": math})
    constrained = budgetfit.plan(clip, max_images=2, constraints=[constraint])
    assert holds(constraint, constrained.frames, TIMES)
    if flags:
        code = main(["plan", str(clip), "--max-images", "2", "--json", "-", *shlex.split(flags)])
        data = json.loads(capsys.readouterr().out)
        assert code == 0
        assert tuple(PlannedFrame(**frame) for frame in data["frames"]) == constrained.frames
