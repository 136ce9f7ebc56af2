"""``budgetfit hint-video``."""

from __future__ import annotations

from pathlib import Path

from budgetfit import Plan
from tests.cli.conftest import Command
from tests.cosmos.stock_reading import count_tokens


def test_it_writes_the_file_and_the_plan(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    out, json = tmp_path / "hint.mp4", tmp_path / "plan.json"
    outcome = budgetfit("hint-video", clip, out, "--json", json, "--prompt", "What moves?")
    assert outcome.code == 0
    plan = Plan.load(json)
    assert plan.profile == "cosmos-transfer1"
    assert count_tokens(out, "What moves?") == plan.num_tokens
    assert f"two frames, {plan.num_tokens} prompt tokens" in outcome.out


def test_nothing_is_overwritten_by_accident(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "hint.mp4"
    out.write_bytes(b"mine")
    assert "--overwrite" in budgetfit("hint-video", clip, out).error
    assert out.read_bytes() == b"mine"
    assert budgetfit("hint-video", clip, out, "--overwrite").code == 0
    assert "given twice" in budgetfit("hint-video", clip, clip, "--overwrite").error
    other = tmp_path / "other.mp4"
    outcome = budgetfit("hint-video", clip, other, "--json", other)
    assert "given twice" in outcome.error


def test_what_is_not_sent_is_refused(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    outcome = budgetfit("hint-video", clip, tmp_path / "hint.mp4", "--montage")
    assert outcome.code == 2
    assert "montage" in outcome.error
