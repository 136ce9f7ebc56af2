"""Constraints and time labels from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import budgetfit as package
from budgetfit.cli.demands import Demands
from budgetfit.constraints import (
    AtLeast,
    AtMost,
    Constraint,
    Exclude,
    MaxSize,
    MaxTokensPerImage,
    MinSize,
    MinSpacing,
    SameSize,
    Show,
)
from tests.cli.conftest import Command
from tests.constraints.reference import holds
from tests.engines.faulty_server import MODEL, Script, chat_body, serve
from tests.video.clips import make_clip

# The clip has 25 frames, at 0, 0.04 ... 0.96 s.
TIMES = [number / 25 for number in range(25)]
OPTIONS: list[tuple[list[str], list[Constraint]]] = [
    (["--show-at", "0.5", "--show-at", "0.13"], [Show(0.5), Show(0.13)]),
    (["--exclude", "0:0.3", "--exclude", "0.7:inf"], [Exclude(0, 0.3), Exclude(0.7, float("inf"))]),
    (["--at-least", "2:0.1:0.2", "--at-least=1:0.9:1"], [AtLeast(2, 0.1, 0.2), AtLeast(1, 0.9, 1)]),
    (["--at-most", "1:0:0.9"], [AtMost(1, 0, 0.9)]),
    (["--min-spacing", "0.2"], [MinSpacing(0.2)]),
    (["--min-size", "192x112"], [MinSize(192, 112)]),
    (["--max-size", "240X999"], [MaxSize(240, 999)]),
    (["--same-size"], [SameSize()]),
    (["--max-tokens-per-image", "100"], [MaxTokensPerImage(100)]),
    (
        ["--same-size", "--min-spacing", "0.2", "--show-at", "0", "--exclude", "0.5:0.6"],
        [SameSize(), MinSpacing(0.2), Show(0.0), Exclude(0.5, 0.6)],
    ),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second of numbered pictures that can be sent at many sizes."""
    path = tmp_path_factory.mktemp("clips") / "large.mp4"
    make_clip(path, 25, width=320, height=192)
    return path


@pytest.mark.parametrize(("options", "constraints"), OPTIONS)
def test_options_are_constraints(
    budgetfit: Command, clip: Path, options: list[str], constraints: list[Constraint]
) -> None:
    outcome = budgetfit("plan", clip, "--json", "-", "--max-images", 3, *options)
    assert outcome.code == 0
    data = json.loads(outcome.out)
    frames = [package.PlannedFrame(**frame) for frame in data["frames"]]
    for constraint in constraints:
        assert holds(constraint, frames, TIMES), constraint.name
    expected = package.plan(clip, max_images=3, constraints=constraints)
    assert frames == list(expected.frames)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--show-at", "0.2", "--show-at", "0.8", "--max-images", "1"], "the frame shown at 0."),
        (["--exclude", "0:9"], "no frame from 0 to 9 s"),
        (["--at-least", "5:0.1:0.9", "--max-images", "3"], "at least 5 frames from 0.1 to 0.9 s"),
        (["--at-most", "0:0:1"], "at most 0 frames from 0 to 1 s"),
        (["--min-spacing", "5", "--at-least", "2:0:0.9"], "frames at least 5 s apart"),
        (["--min-size", "256x150", "--max-model-len", "400"], "pictures of at least 256x150"),
        (["--max-size", "200x150", "--min-size", "240x80"], "pictures of at most 200x150"),
        (["--max-tokens-per-image", "100", "--min-size", "240x96"], "at most 100 tokens"),
    ],
)
def test_what_cannot_hold_together_is_4(
    budgetfit: Command, clip: Path, options: list[str], named: str
) -> None:
    outcome = budgetfit("plan", clip, *options)
    assert outcome.code == 4
    assert named in outcome.error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--show-at", "soon"], "--show-at"),
        (["--show-at", "nan"], "time_s of Show is nan"),
        (["--show-at", "-1"], "time_s of Show is -1.0; give a number of seconds of at least 0"),
        (["--show-at", "7"], "which lasts 1 s; give a time from 0 to 1 s"),
        (["--exclude", "3-8"], "--exclude is '3-8'; give it as A:B in seconds, such as 3:8.5"),
        (["--exclude", "1:2:3"], "--exclude is '1:2:3'"),
        (["--exclude", "8:3"], "Exclude ends at 3.0 s, before its start at 8.0 s"),
        (["--at-least", "1.5:1:2"], "--at-least is '1.5:1:2'; give it as N:A:B, frames and"),
        (["--at-least", "0:1:2"], "num_frames of AtLeast is 0"),
        (["--at-least", "9:0.1:0.2"], "at least 9 frames from 0.1 to 0.2 s cannot be had"),
        (["--at-most", "1:2"], "--at-most is '1:2'"),
        (["--at-most", "-1:0:2"], "num_frames of AtMost is -1"),
        (["--min-spacing", "-1"], "seconds of MinSpacing is -1"),
        (["--min-size", "320"], "--min-size is '320'; give it as WxH in pixels, such as 320x176"),
        (["--min-size", "320x"], "--min-size is '320x'"),
        (["--min-size", "0x5"], "width of MinSize is 0"),
        (["--min-size", "500x500"], "no picture of this video can be sent so"),
        (["--max-size", "ax5"], "--max-size is 'ax5'"),
        (["--max-tokens-per-image", "0"], "num_tokens of MaxTokensPerImage is 0"),
        (["--max-tokens-per-image", "few"], "--max-tokens-per-image"),
    ],
)
def test_what_cannot_be_used_is_2(
    budgetfit: Command, clip: Path, options: list[str], message: str
) -> None:
    outcome = budgetfit("plan", clip, *options)
    assert outcome.code == 2
    assert message in outcome.error


def test_bad_values_are_told_before_the_video_is_opened(budgetfit: Command) -> None:
    for command in (["plan"], ["run", "--model", "/"]):
        outcome = budgetfit(*command, "no.mp4", "--exclude", "8:3")
        assert outcome.code == 2
        assert "Exclude ends at" in outcome.error


def test_nothing_is_demanded_where_nothing_is_given() -> None:
    assert Demands().constraints() == []
    assert Demands(show_at=[], exclude=[], same_size=False).constraints() == []


def test_run_sends_labels_and_keeps_constraints(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    options: list[Any] = ["--time-labels", "--show-at", "0.5", "--min-spacing", "0.2"]
    plan = package.plan(clip, constraints=[Show(0.5), MinSpacing(0.2)], time_labels=True)
    with serve(Script(body=chat_body(plan.num_tokens))) as server:
        outcome = budgetfit(
            *("run", clip, "--base-url", server.base_url, "--model", MODEL, *options),
            *("--json", tmp_path / "plan.json"),
        )
    assert (outcome.code, outcome.err) == (0, "")
    assert f"time labels {plan.num_label_tokens}" in outcome.out
    (chat,) = server.chats
    texts = [part["text"] for part in chat["messages"][0]["content"] if part["type"] == "text"]
    labels = [f"[{frame.time_s:.1f} s]" for frame in plan.frames]
    assert texts == [*labels, plan.prompt.text]
    assert "[0.5 s]" in labels
    assert package.Plan.load(tmp_path / "plan.json").time_labels


def test_help_tells_of_them(budgetfit: Command) -> None:
    for command in ("plan", "run"):
        shown = budgetfit(command, "--help").out
        for options, _ in OPTIONS:
            for option in options:
                if option.startswith("--"):
                    assert f"{option.partition('=')[0]} " in shown
        assert "--time-labels " in shown
