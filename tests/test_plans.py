"""A plan survives its file, and its file is not believed blindly."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import budgetfit
from budgetfit.errors import PlanFileError, TokenMismatchError, VideoChangedError, VideoError
from budgetfit.plans import Plan


@pytest.fixture(scope="module")
def plan(package_clips: dict[str, Path]) -> Plan:
    return budgetfit.plan(package_clips["bikes"], "Wer fährt? 誰が?", system_prompt="Be brief.")


@pytest.fixture
def saved(plan: Plan, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    plan.save(path)
    return path


def test_round_trip(plan: Plan, saved: Path) -> None:
    loaded = Plan.load(saved)
    assert loaded == plan
    assert loaded.prompt_token_ids() == plan.prompt_token_ids()
    for ours, theirs in zip(loaded.images(), plan.images(), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_the_file_has_the_fields_that_other_programs_rely_on(plan: Plan, saved: Path) -> None:
    data = json.loads(saved.read_text(encoding="utf-8"))
    assert data["schema_version"] == 1
    assert set(data["video"]) == {
        "path",
        "width",
        "height",
        "duration_s",
        "fingerprint",
        "num_bytes",
    }
    assert set(data["limits"]) == {"max_model_len", "max_tokens", "max_prompt_tokens", "max_images"}
    assert set(data["frames"][0]) == {"time_s", "pts", "width", "height", "num_tokens"}
    assert data["prompt"] == {
        "text": "Wer fährt? 誰が?",
        "num_tokens": plan.prompt.num_tokens,
        "num_tokens_full": plan.prompt.num_tokens_full,
    }
    for name in ("profile", "num_tokens", "information", "best_bound", "gap", "status"):
        assert data[name] == getattr(plan, name)
    assert data["warnings"] == []
    assert set(data["timings_s"]) == {"import", "analyze", "solve", "total"}


def change(data: dict[str, Any], where: str, value: object) -> None:
    *path, last = where.split(".")
    part: Any = data
    for key in path:
        part = part[int(key) if key.isdigit() else key]
    part[last] = value


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("schema_version", 2, "schema_version"),
        ("profile", "gpt", "profile 'gpt' is unknown"),
        ("frames.0.width", 48, "costs"),
        ("frames.0.num_tokens", 5, "costs"),
        ("frames", [], "frames"),
        ("frames.0.time_s", "soon", "time_s"),
        ("num_tokens", 4000, "exceeds max_prompt_tokens"),
        ("num_tokens", 10, "less than its parts"),
        ("limits.max_images", 1, "exceed max_images 1"),
        ("limits.max_prompt_tokens", 4096, "max_model_len - max_tokens"),
        ("information", 1.5, "information"),
        ("best_bound", 0.01, "exceeds best_bound"),
        ("surprise", 1, "surprise"),
        ("prompt.text", None, "prompt.text"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(
    saved: Path, where: str, value: object, message: str
) -> None:
    data = json.loads(saved.read_text(encoding="utf-8"))
    change(data, where, value)
    saved.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(PlanFileError, match=message) as caught:
        Plan.load(saved)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema_version": 1'])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(PlanFileError, match=r"x\.json"):
        Plan.load(path)


def test_paths_that_cannot_be_used(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(PlanFileError, match="No such file"):
        Plan.load(tmp_path / "missing.json")
    with pytest.raises(PlanFileError, match="cannot write"):
        plan.save(tmp_path / "missing" / "plan.json")


def test_other_text_of_the_same_shape_is_caught_when_it_is_encoded(saved: Path) -> None:
    data = json.loads(saved.read_text(encoding="utf-8"))
    data["prompt"]["text"] += " and then some"
    saved.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(TokenMismatchError, match="mistral-common counts"):
        Plan.load(saved).prompt_token_ids()


def test_a_changed_video_is_noticed(package_clips: dict[str, Path], tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    shutil.copy(package_clips["bikes"], clip)
    plan = budgetfit.plan(clip, max_images=1)
    shutil.copy(package_clips["bigbuckbunny"], clip)
    with pytest.raises(VideoChangedError, match="is not the video that was planned"):
        plan.images()
    clip.unlink()
    with pytest.raises(VideoError, match=r"clip\.mp4"):
        plan.images()


def test_a_plan_of_bytes_needs_its_bytes(package_clips: dict[str, Path], tmp_path: Path) -> None:
    plan = budgetfit.plan(package_clips["bikes"].read_bytes(), max_images=1)
    assert len(plan.images()) == 1
    plan.save(tmp_path / "plan.json")
    with pytest.raises(VideoError, match="does not hold it"):
        Plan.load(tmp_path / "plan.json").images()


def test_messages_hold_the_exact_pictures(plan: Plan) -> None:
    system, user = plan.messages()
    assert system == {"role": "system", "content": "Be brief."}
    *pictures, text = user["content"]
    assert text == {"type": "text", "text": "Wer fährt? 誰が?"}
    for picture, image in zip(pictures, plan.images(), strict=True):
        head, data = picture["image_url"]["url"].split(",")
        assert head == "data:image/png;base64"
        sent = Image.open(io.BytesIO(base64.b64decode(data)))
        assert sent.tobytes() == image.tobytes()


def test_a_plan_reads_well(plan: Plan) -> None:
    shown = repr(plan)
    assert str(plan.num_tokens) in shown
    assert f"{plan.frames[0].width}x{plan.frames[0].height}" in shown


def test_a_file_name_that_is_no_unicode(package_clips: dict[str, Path], tmp_path: Path) -> None:
    clip = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    shutil.copy(package_clips["bikes"], clip)
    plan = budgetfit.plan(clip, max_images=1)
    plan.save(tmp_path / "plan.json")
    json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    loaded = Plan.load(tmp_path / "plan.json")
    assert loaded == plan
    assert len(loaded.images()) == 1
