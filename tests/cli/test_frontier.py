"""The command frontier says what planning for other budgets finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Command


def test_it_shows_and_writes_the_curves(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "frontier.json"
    outcome = budgetfit(
        "frontier", clip, "--points", 4, "--images-limit", 1, "--images-limit", "any",
        "--max-model-len", 800, "--json", file,
    )  # fmt: skip
    assert (outcome.code, outcome.err) == (0, "")
    data = json.loads(file.read_text())
    assert [curve["max_images"] for curve in data["curves"]] == [1, None]
    assert data["budget"] == 500
    for curve in data["curves"]:
        assert 500 in [point["num_tokens"] for point in curve["points"]]
        for point in curve["points"]:
            assert f"{point['information']:.1%}" in outcome.out
    for words in ("one image", "any number of images", "the plan's budget", "4 equal frames"):
        assert words in outcome.out


def test_json_on_stdout_is_all_of_stdout(budgetfit: Command, clip: Path) -> None:
    outcome = budgetfit("frontier", clip, "--points", 2, "--up-to", 700, "--json", "-",
                        "--max-model-len", 600)  # fmt: skip
    points = json.loads(outcome.out)["curves"][0]["points"]
    assert points[-1]["num_tokens"] == 700
    assert "the plan's budget" in outcome.err


def test_the_plan_is_the_one_that_was_asked_for(budgetfit: Command, clip: Path) -> None:
    arguments = (clip, "--prompt", "Why?", "--max-images", 2, "--show-at", 0.5, "--json", "-")
    plan = json.loads(budgetfit("plan", *arguments).out)
    found = json.loads(budgetfit("frontier", *arguments, "--points", 3).out)
    assert found["marks"][0]["information"] == plan["information"]
    assert found["curves"][0]["max_images"] == 2
    for point in found["curves"][0]["points"]:
        assert any(frame["time_s"] == pytest.approx(0.48, abs=0.02) for frame in point["frames"])


def test_the_plot_is_a_png(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "frontier.png"
    assert budgetfit("frontier", clip, "--points", 3, "--plot", file).code == 0
    with Image.open(file) as image:
        assert image.format == "PNG"
        assert min(image.size) > 300


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--images-limit", "0"), "--images-limit is '0'"),
        (("--images-limit", "two"), "--images-limit is 'two'"),
        (("--points", "1"), "num_points is 1"),
        (("--up-to", "3"), "room_tokens is 3"),
        (("--plot", "frontier.jpg"), "--plot is frontier.jpg"),
        (("--json", "no/such/folder.json"), "no folder"),
    ],
)
def test_wrong_usage_is_2(
    budgetfit: Command, clip: Path, arguments: tuple[str, str], words: str
) -> None:
    if "--plot" in arguments:
        pytest.importorskip("matplotlib")
    outcome = budgetfit("frontier", clip, *arguments)
    assert outcome.code == 2
    assert words in outcome.error
