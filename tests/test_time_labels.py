"""Times before pictures: counted exactly, sent in place, kept in the file."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import budgetfit
from budgetfit.constraints import MinSpacing, Show
from budgetfit.errors import InfeasibleError, TokenMismatchError, UsageError
from budgetfit.plans import Plan, PlannedFrame
from budgetfit.profiles import get_profile
from budgetfit.render.terminal import plan_view
from budgetfit.time_labels import time_label
from budgetfit.tokens.request import ImagePart, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.render.plans import make_plan, plain

TOKENIZER = RequestTokenizer(get_profile("pixtral-12b"))


@pytest.fixture(scope="module")
def plan(package_clips: dict[str, Path]) -> Plan:
    return budgetfit.plan(package_clips["bigbuckbunny"], "Describe.", time_labels=True)


@pytest.mark.parametrize(
    ("time_s", "label"),
    [
        (0, "[0.0 s]"),
        (12.4, "[12.4 s]"),
        (12.44999, "[12.4 s]"),
        (59.96, "[60.0 s]"),
        (3723.25, "[3723.2 s]"),
        (-0.02, "[0.0 s]"),
        (-1.5, "[-1.5 s]"),
    ],
)
def test_the_format(time_s: float, label: str) -> None:
    assert time_label(time_s) == label


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_labels_are_near_and_in_order(first_s: float, second_s: float) -> None:
    shown = [float(time_label(time_s)[1:-3]) for time_s in (first_s, second_s)]
    assert shown[0] == pytest.approx(first_s, abs=0.0501)
    assert (first_s <= second_s) <= (shown[0] <= shown[1])


@given(
    st.lists(
        st.tuples(st.floats(0, 20_000), st.integers(1, 12), st.integers(1, 12)),
        min_size=1,
        max_size=9,
    ),
    st.sampled_from(["", "Describe.", "1", " ]", "\n", "秒"]),
    st.sampled_from([None, "Be brief.", "[0.0 s]\n"]),
)
def test_labels_add_up_whatever_stands_beside_them(
    pictures: list[tuple[float, int, int]], text: str, system_prompt: str | None
) -> None:
    frames = [
        PlannedFrame(time_s, number, 16 * columns, 16 * rows, rows * (columns + 1))
        for number, (time_s, columns, rows) in enumerate(pictures)
    ]
    bare = make_plan(
        text=text, system_prompt=system_prompt, frames=tuple(frames), num_tokens=0, text_tokens=0
    )
    labelled = dataclasses.replace(bare, time_labels=True)
    labels = sum(TOKENIZER.count_text(time_label(frame.time_s)) for frame in frames)
    without, with_labels = (TOKENIZER.encode(p.request).num_tokens for p in (bare, labelled))
    assert with_labels == without + labels
    assert TOKENIZER.count(labelled.request) == with_labels


@pytest.mark.parametrize("system_prompt", [None, "You see pictures with their times."])
@pytest.mark.parametrize("prompt", ["", "Describe.", "What happens?\n\nWhen? " * 30])
@pytest.mark.parametrize("max_images", [None, 1, 2, 8])
@pytest.mark.parametrize("max_model_len", [420, 700, 1500, 4096])
def test_plans_count_their_labels_exactly(
    max_model_len: int,
    max_images: int | None,
    prompt: str,
    system_prompt: str | None,
) -> None:
    rng = np.random.default_rng(5)
    images = [rng.integers(0, 256, (96, 160, 3), dtype=np.uint8) for _ in range(14)]
    plan = budgetfit.plan(
        (images, [9.7 * number for number in range(14)]),
        prompt,
        system_prompt=system_prompt,
        max_model_len=max_model_len,
        max_images=max_images,
        time_labels=True,
    )
    assert plan.num_tokens <= plan.limits.max_prompt_tokens
    assert TOKENIZER.encode(plan.request).num_tokens == plan.num_tokens
    assert len(plan.prompt_token_ids()) == plan.num_tokens
    labels = [TOKENIZER.count_text(time_label(frame.time_s)) for frame in plan.frames]
    assert plan.num_label_tokens == sum(labels) >= 6 * len(plan.frames)
    assert [frame.num_tokens for frame in plan.frames] == [
        frame.height // 16 * (frame.width // 16 + 1) for frame in plan.frames
    ]


def test_a_label_stands_right_before_its_picture(plan: Plan) -> None:
    assert len(plan.frames) > 2
    *pairs, text = plan.request.parts
    assert text == TextPart("Describe.")
    assert pairs == [
        part
        for frame in plan.frames
        for part in (TextPart(time_label(frame.time_s)), ImagePart(frame.width, frame.height))
    ]
    content = plan.messages()[0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"] * len(plan.frames) + ["text"]
    texts = [part["text"] for part in content if part["type"] == "text"]
    assert texts == [*(time_label(frame.time_s) for frame in plan.frames), "Describe."]


def test_without_labels_nothing_changes(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], "Describe.")
    assert (plan.time_labels, plan.num_label_tokens) == (False, 0)
    assert sum(isinstance(part, TextPart) for part in plan.request.parts) == 1


def test_the_file_keeps_labels(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan.save(path)
    loaded = Plan.load(path)
    assert loaded == plan
    assert loaded.time_labels
    assert loaded.num_label_tokens == plan.num_label_tokens
    assert loaded.prompt_token_ids() == plan.prompt_token_ids()
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["time_labels"] is True
    # A file from before there were labels has none; this one's count is then another.
    del data["time_labels"]
    path.write_text(json.dumps(data), encoding="utf-8")
    older = Plan.load(path)
    assert not older.time_labels
    with pytest.raises(TokenMismatchError):
        older.prompt_token_ids()


def test_labels_compete_for_the_same_room(package_clips: dict[str, Path]) -> None:
    """One token less than a picture and its label need, and nothing fits."""
    clip = package_clips["bigbuckbunny"]
    smallest = budgetfit.plan(clip, "", max_model_len=10 + 3 + 32 + 6, max_tokens=10)
    assert (len(smallest.frames), smallest.num_tokens) == (1, 35)
    labelled = budgetfit.plan(
        clip, "", max_model_len=10 + 3 + 32 + 6, max_tokens=10, time_labels=True
    )
    assert (len(labelled.frames), labelled.num_tokens) == (1, 41)
    with pytest.raises(InfeasibleError):
        budgetfit.plan(clip, "", max_model_len=10 + 3 + 32 + 5, max_tokens=10, time_labels=True)


def test_labels_and_constraints_together(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(
        package_clips["bigbuckbunny"],
        "When?",
        constraints=[Show(2.0), MinSpacing(0.8)],
        time_labels=True,
    )
    assert "[2.0 s]" in [part.text for part in plan.request.parts if isinstance(part, TextPart)]
    gaps = [b.time_s - a.time_s for a, b in itertools.pairwise(plan.frames)]
    assert min(gaps) >= 0.8 - 1e-6


def test_the_terminal_shows_where_the_labels_tokens_went(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    from budgetfit.render.terminal import Terminal

    Terminal(sys.stdout).show(plan_view(plan))
    assert f"time labels {plan.num_label_tokens}" in capsys.readouterr().out
    Terminal(sys.stdout).show(plan_view(make_plan()))
    assert "time labels" not in capsys.readouterr().out


def test_the_contact_sheet_takes_labels() -> None:
    from budgetfit.render.contact_sheet import plan_section

    labelled = make_plan([(64, 48)], text_tokens=4, time_labels=True, num_tokens=3 + 4 + 15 + 7)
    assert plan_section(labelled, [plain(64, 48, 1)]).num_text_tokens == 3 + 4 + 7


@pytest.mark.parametrize("wrong", [1, "yes", None])
def test_what_is_neither_true_nor_false(wrong: object) -> None:
    with pytest.raises(UsageError, match="time_labels is"):
        budgetfit.plan("missing.mp4", time_labels=wrong)  # type: ignore[arg-type]
