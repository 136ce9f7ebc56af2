"""A plan from a stranger: used if all of it makes sense, refused in one line otherwise."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.cli import main
from budgetfit.errors import BudgetfitError, PlanFileError, VideoChangedError, VideoError
from tests.hostile.watching import watching
from tests.video.clips import make_clip

DEEP: Any = "x"
for _ in range(300):
    DEEP = [DEEP]
HOSTILE: dict[str, Any] = {
    "null": None,
    "true": True,
    "negative": -1,
    "zero": 0,
    "half": 0.5,
    "2**31": 2**31,
    "2**64": 2**64,
    "1e308": 1e308,
    "text": "\x1b]0;owned\x07<script>alert(1)</script>\n\u202e",
    "surrogate": "\udcff",
    "list": [],
    "object": {"__class__": "os.system", "kind": "Show"},
    "deep": DEEP,
    "long": "9" * 10_000,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("saved")
    make_clip(folder / "clip.mp4", 12)
    plan = budgetfit.plan(
        folder / "clip.mp4",
        [budgetfit.PromptBlock("Describe.\n1\n2", cut="line", name="a")],
        num_candidates=5,
        constraints=[budgetfit.constraints.Exclude(0.0, 0.1)],
    )
    plan.save(folder / "plan.json")
    data: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    return data


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in items:
        yield (*path, key)
        if isinstance(inside, dict | list):
            yield from places(inside, (*path, key))


def replaced(data: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    inside: Any = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return changed


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_place_of_a_plan_with_a_hostile_value(
    kind: str, saved: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    messages: list[str] = []
    for place in places(saved):
        path.write_text(json.dumps(replaced(saved, place, HOSTILE[kind])), encoding="utf-8")
        try:
            plan = budgetfit.Plan.load(path)
            plan.save(tmp_path / "again.json")
        except BudgetfitError as error:
            messages.append(str(error))
    assert len(messages) > 10
    assert [message for message in messages if "\n" in message] == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema_version": NaN}',
        b'{"schema_version": -Infinity}',
        b'{"schema_version": ' + b"9" * 5000 + b"}",
        b'{"schema_version": 1, "schema_version": 2}',
    ],
    ids=range(9),
)
def test_what_is_no_plan(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(text)
    with pytest.raises(PlanFileError, match="is not a plan that can be used") as caught:
        budgetfit.Plan.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_that_is_none(name: str, saved: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    numbers = [place for place in places(saved) if type(_at(saved, place)) in {int, float}]
    for place in numbers:
        text = json.dumps(replaced(saved, place, "@")).replace('"@"', name)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlanFileError):
            budgetfit.Plan.load(path)


def _at(value: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def test_a_video_of_many_gigabytes_is_no_huge_number(saved: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(replaced(saved, ("video", "num_bytes"), 2**40)), encoding="utf-8")
    budgetfit.Plan.load(path)


def test_an_endless_file_and_a_path_that_no_system_has() -> None:
    with pytest.raises(PlanFileError, match="over 67108864 bytes"):
        budgetfit.Plan.load("/dev/zero")
    with pytest.raises(PlanFileError, match="cannot read the plan"):
        budgetfit.Plan.load("a\0b")


def test_loading_opens_no_video(saved: dict[str, Any], tmp_path: Path) -> None:
    """And pictures come only of the video that was planned, wherever a plan says it lies."""
    other = tmp_path / "other.mp4"
    make_clip(other, 3)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(replaced(saved, ("video", "path"), str(other))), encoding="utf-8")
    with watching(other) as watch:
        plan = budgetfit.Plan.load(path)
        assert not watch.touched()
    with pytest.raises(VideoChangedError, match="is not the video that was planned"):
        plan.images()


@pytest.mark.parametrize("elsewhere", ["/dev/zero", "/etc/passwd", "http://127.0.0.1:1/x", "a\0b"])
def test_what_is_no_video_is_not_read_as_one(
    elsewhere: str, saved: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(replaced(saved, ("video", "path"), elsewhere)), encoding="utf-8")
    with pytest.raises(VideoError) as caught:
        budgetfit.Plan.load(path).images()
    assert "root:" not in str(caught.value)


def test_what_a_plan_says_does_not_act_on_a_terminal(
    saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    hostile = "\x1b]0;owned\x07\u202e\x9b31m"
    data = replaced(saved, ("warnings",), [hostile])
    data = replaced(data, ("video", "path"), f"/nowhere/{hostile}.mp4")
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["explain", str(path)]) == 3
    shown = "".join(capsys.readouterr())
    assert "owned" in shown
    assert not set("\x1b\x07\u202e\x9b") & set(shown)
