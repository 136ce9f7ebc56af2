"""Plans with sheets: what is sent is exactly what is counted, kept in the file, and drawn."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from budgetfit.errors import PlanFileError, UsageError
from budgetfit.plans import Plan, PlannedFrame, PlannedSheet
from budgetfit.time_labels import time_label
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.request import TextPart
from budgetfit.tokens.sheets import SheetGrid
from budgetfit.video.sources import open_source
from tests.sheet_plans import SIDE, TOKENIZER, sheet_plan
from tests.test_plans import change

TILE = ImageGrid(7, 4)
LARGER = ImageGrid(10, 6)


def grids(label_rows: int) -> list[list[SheetGrid | ImageGrid]]:
    return [
        [SheetGrid(2, 2, TILE, label_rows)],
        [SheetGrid(3, 2, LARGER, label_rows), ImageGrid(20, 11)],
        [ImageGrid(20, 11), SheetGrid(1, 3, TILE, label_rows), SheetGrid(4, 4, TILE, label_rows)],
    ]


CASES = [(labels, case, seed) for labels in (0, 1) for case in range(3) for seed in (None, 1, 2)]


@pytest.fixture(scope="module", params=CASES, ids=str)
def plan(request: pytest.FixtureRequest, package_clips: dict[str, Path]) -> Plan:
    labels, case, seed = request.param
    return sheet_plan(
        package_clips["bigbuckbunny"], grids(labels)[case], time_labels=bool(labels), seed=seed
    )


@pytest.fixture(scope="module")
def mixed(package_clips: dict[str, Path]) -> Plan:
    return sheet_plan(package_clips["bigbuckbunny"], grids(1)[2], time_labels=True)


def test_the_request_has_the_tokens_that_are_planned(plan: Plan) -> None:
    assert len(plan.prompt_token_ids()) == plan.num_tokens
    assert [(image.width, image.height) for image in plan.request.images] == [
        (picture.width, picture.height) for picture in plan.pictures
    ]


@pytest.mark.parametrize("text", ["", "what is this", "[0.0 s]", "\n."])
@pytest.mark.parametrize("system_prompt", [None, "Be brief."])
def test_texts_beside_sheets_add_up(
    package_clips: dict[str, Path], text: str, system_prompt: str | None
) -> None:
    for labels, case in ((0, 0), (1, 0), (1, 2)):
        plan = sheet_plan(
            package_clips["bikes"], grids(labels)[case], text=text, time_labels=bool(labels)
        )
        plan = _with_system_prompt(plan, system_prompt)
        assert len(plan.prompt_token_ids()) == plan.num_tokens


def _with_system_prompt(plan: Plan, system_prompt: str | None) -> Plan:
    more = 0 if system_prompt is None else TOKENIZER.count_text(system_prompt + "\n\n")
    prompt = dataclasses.replace(plan.prompt, num_tokens=plan.prompt.num_tokens + more)
    return dataclasses.replace(
        plan, system_prompt=system_prompt, prompt=prompt, num_tokens=plan.num_tokens + more
    )


def test_pictures_are_each_moment_once_in_time_order(plan: Plan) -> None:
    shown = [plan.frames_of(picture) for picture in plan.pictures]
    assert sorted((frame for frames in shown for frame in frames), key=lambda f: f.pts) == list(
        plan.frames
    )
    firsts = [frames[0].time_s for frames in shown]
    assert firsts == sorted(firsts)
    for frames in shown:
        assert [frame.time_s for frame in frames] == sorted(frame.time_s for frame in frames)
    assert sum(isinstance(picture, PlannedSheet) for picture in plan.pictures) == len(plan.sheets)


def test_tiles_are_the_frames_decoded_at_their_size(plan: Plan) -> None:
    with open_source(str(plan.video.path)) as source:
        alone: dict[PlannedFrame, Image.Image] = {}
        for picture in plan.pictures:
            frames = plan.frames_of(picture)
            pts, sizes = [f.pts for f in frames], [(f.width, f.height) for f in frames]
            alone |= dict(zip(frames, source.decode(pts, sizes), strict=True))
    images = plan.images()
    assert [image.size for image in images] == [(p.width, p.height) for p in plan.pictures]
    for picture, image in zip(plan.pictures, images, strict=True):
        assert image.mode == "RGB"
        if isinstance(picture, PlannedFrame):
            assert image.tobytes() == alone[picture].tobytes()
            continue
        layout = picture.layout(SIDE)
        for index, frame in enumerate(plan.frames_of(picture)):
            left, top = layout.tile_corner(index, SIDE)
            tile = image.crop((left, top, left + frame.width, top + frame.height))
            assert tile.tobytes() == alone[frame].tobytes()


def test_labels_stand_before_pictures_and_on_sheets(mixed: Plan) -> None:
    texts = [part.text for part in mixed.request.parts if isinstance(part, TextPart)]
    (alone,) = (p for p in mixed.pictures if isinstance(p, PlannedFrame))
    assert texts == [time_label(alone.time_s), "what is this"]
    assert mixed.picture_labels == (time_label(alone.time_s), None, None)
    assert 0 < mixed.num_label_tokens < 10
    content = mixed.messages()[0]["content"]
    assert [part["type"] for part in content] == ["text", *["image_url"] * 3, "text"]


def test_messages_take_one_image_for_each_picture(mixed: Plan) -> None:
    frames = [Image.new("RGB", (frame.width, frame.height)) for frame in mixed.frames]
    for images in (frames, frames[:2], []):
        with pytest.raises(UsageError, match=rf"3 pictures but {len(images)} are given"):
            mixed.messages(images)


def test_a_sheets_break_tokens_are_its_own(plan: Plan) -> None:
    for sheet in plan.sheets:
        tiles = sum(frame.num_tokens for frame in plan.frames_of(sheet))
        assert sheet.num_tokens == tiles + sheet.height // SIDE


def test_round_trip(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan.save(path)
    loaded = Plan.load(path)
    assert loaded == plan
    for ours, theirs in zip(loaded.images(), plan.images(), strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))
    sheet = json.loads(path.read_text(encoding="utf-8"))["sheets"][0]
    names = ["frames", "columns", "rows", "width", "height", "num_tokens", "label_rows"]
    assert list(sheet) == names


def test_a_plan_without_sheets_has_none_in_its_file(package_clips: dict[str, Path]) -> None:
    plain = sheet_plan(package_clips["bikes"], [ImageGrid(10, 6)] * 2)
    assert "sheets" not in plain.to_dict()
    assert plain.pictures == plain.frames


def test_it_reads_well(mixed: Plan) -> None:
    assert "1x3 tiles on 112x240" in repr(mixed)
    assert "4x4 tiles on 448x320" in repr(mixed)
    assert "s 320x176" in repr(mixed)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("sheets.0.frames", [1, 2], "1x3 tiles has 2 frames"),
        ("sheets.0.frames", [1], "sheets.0.frames"),
        ("sheets.0.frames", [-1, 2, 3], "sheets.0.frames"),
        ("sheets.0.frames", [1, 2, 20], "frame 20 of 20"),
        ("sheets.0.frames", [1, 3, 2], "out of order"),
        ("sheets.0.frames", [1, 2, 2], "out of order"),
        ("sheets.0.frames", [1, 2, 4], "on another sheet"),
        ("sheets.0.rows", 2, "1x2 tiles"),
        ("sheets.0.columns", 0, "sheets.0.columns"),
        ("sheets.0.width", 120, "whole patches"),
        ("sheets.0.width", 128, "costs"),
        ("sheets.0.width", 1120, "longest side of 1024"),
        ("sheets.0.height", 48, "no room for tiles"),
        ("sheets.0.num_tokens", 1, "costs"),
        ("sheets.0.label_rows", 0, "label_rows 0 but time_labels is True"),
        ("sheets.0.label_rows", 2, "label_rows 2"),
        ("sheets.0.more", 2, "more"),
        ("time_labels", False, "time_labels is False"),
        ("frames.1.width", 112, "in a tile of 110x62"),
        ("frames.1.num_tokens", 32, "in a tile costs 35 tokens, not 32"),
        ("frames.0.num_tokens", 220, "costs 231 tokens, not 220"),
        ("limits.max_images", 2, "3 pictures exceed max_images 2"),
        ("num_tokens", 900, "less than its parts"),
        ("sheets", [], "is not made of whole patches|costs"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(
    mixed: Plan, tmp_path: Path, where: str, value: Any, message: str
) -> None:
    path = tmp_path / "plan.json"
    data = json.loads(json.dumps(mixed.to_dict()))
    change(data, where, value)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(PlanFileError, match=message):
        Plan.load(path)


def test_sheets_in_another_order_are_refused(mixed: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    data = mixed.to_dict()
    data["sheets"].reverse()
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(PlanFileError, match="order of their first frames"):
        Plan.load(path)
