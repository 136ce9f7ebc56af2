"""Sheets on the command line: asked for by name, written, shown and sent as pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import budgetfit as package
from budgetfit.cli import asking
from budgetfit.plans import Plan
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from tests.cli.conftest import Command
from tests.engines.faulty_server import MODEL, Script, chat_body, serve
from tests.sheet_plans import sheet_plan

GRIDS: list[SheetGrid | ImageGrid] = [SheetGrid(3, 2, ImageGrid(7, 4), 1), ImageGrid(10, 6)]


@pytest.fixture
def planned(clip: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, list[dict[str, Any]]]:
    """A plan with a sheet in place of the planner's choice, and what the planner was asked."""
    plan = sheet_plan(clip, GRIDS, time_labels=True)
    calls: list[dict[str, Any]] = []

    def planning(*_: object, **options: Any) -> Plan:
        calls.append(options)
        return plan

    monkeypatch.setattr(asking, "plan_video", planning)
    return plan, calls


def test_montage_is_asked_for_by_name(
    budgetfit: Command, clip: Path, planned: tuple[Plan, list[dict[str, Any]]]
) -> None:
    _, calls = planned
    assert budgetfit("plan", clip).code == 0
    assert budgetfit("plan", clip, "--montage").code == 0
    assert [call.get("montage", False) for call in calls] == [False, True]


def test_one_png_for_each_picture_sent(
    budgetfit: Command, clip: Path, tmp_path: Path, planned: tuple[Plan, list[dict[str, Any]]]
) -> None:
    plan, _ = planned
    folder, target = tmp_path / "pictures", tmp_path / "plan.json"
    outcome = budgetfit(
        *("plan", clip, "--montage", "--images", folder, "--json", target),
        *("--contact-sheet", tmp_path / "sheet.png"),
    )
    assert (outcome.code, outcome.err) == (0, "")
    assert "2 pictures of 7 moments" in outcome.out
    assert sorted(path.name for path in folder.iterdir()) == ["000.png", "001.png"]
    for number, image in enumerate(plan.images()):
        with Image.open(folder / f"{number:03}.png") as written:
            assert np.array_equal(np.asarray(written), np.asarray(image))
    loaded = package.Plan.load(target)
    assert (loaded.frames, loaded.sheets) == (plan.frames, plan.sheets)
    assert len(json.loads(target.read_text(encoding="utf-8"))["sheets"]) == 1
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width >= 336


def test_run_sends_sheets(
    budgetfit: Command, clip: Path, planned: tuple[Plan, list[dict[str, Any]]]
) -> None:
    plan, calls = planned
    with serve(Script(body=chat_body(plan.num_tokens))) as server:
        outcome = budgetfit(
            "run", clip, "--montage", "--base-url", server.base_url, "--model", MODEL
        )
    assert (outcome.code, outcome.err) == (0, "")
    assert calls[0]["montage"] is True
    (chat,) = server.chats
    kinds = [part["type"] for part in chat["messages"][0]["content"]]
    assert kinds == ["image_url", "text", "image_url", "text"]


def test_help_tells_of_it(budgetfit: Command) -> None:
    for command in ("plan", "run"):
        assert "--montage " in budgetfit(command, "--help").out
