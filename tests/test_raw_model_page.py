"""docs/raw-model.md says what is so."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.cpsat.plan_model import PlanModel

PAGE = (Path(__file__).parents[1] / "docs" / "raw-model.md").read_text(encoding="utf-8")


def test_the_example_runs_and_keeps_what_it_says(
    package_clips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = package_clips["bigbuckbunny"]
    (tmp_path / "clip.mp4").symlink_to(clip)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    seen: list[PlanModel] = []
    exec(compile(code.partition("\nplan = ")[0], "docs/raw-model.md", "exec"), names)
    inner = names["balanced"]

    def listening(m: PlanModel) -> None:
        seen.append(m)
        inner(m)

    exec(compile(code, "docs/raw-model.md", "exec"), names)
    again = budgetfit.plan(clip, "What happens at the door?", customize=listening)
    free = budgetfit.plan(clip, "What happens at the door?")
    times_s = seen[0].choice.time_s.tolist()
    # Where the time is up before the gap is proved, the two may differ.
    for plan in (names["plan"], again):
        halves = [0, 0]
        for frame in plan.frames:
            halves[frame.time_s > times_s[-1] / 2] += frame.num_tokens
        assert halves[0] <= halves[1]
        assert len({frame.width >= 320 for frame in plan.frames}) == 1
        numbers = [times_s.index(frame.time_s) for frame in plan.frames]
        assert all(c - a > 2 for a, c in zip(numbers, numbers[2:], strict=False))
        assert free.frames != plan.frames


def test_every_attribute_is_on_the_page() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)
    told = set(itertools.chain.from_iterable(re.findall(r"`(\w+)`", row) for row in rows))
    fields = {field.name for field in dataclasses.fields(PlanModel)}
    assert told == fields - {"total_information"}
