"""What a plan was asked for survives its file, as far as a file can hold it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import budgetfit
from budgetfit import constraints as c
from budgetfit.asked import Asked
from budgetfit.errors import PlanFileError
from budgetfit.problem.problem import CountRule
from budgetfit.video_analysis import Where

SECONDS = st.floats(0, 50)
INTERVALS = st.tuples(SECONDS, SECONDS).map(sorted)
SIZES = st.integers(1, 900)
CONSTRAINTS = st.one_of(
    SECONDS.map(c.Show),
    INTERVALS.map(lambda ends: c.Exclude(*ends)),
    SECONDS.map(lambda start_s: c.Exclude(start_s, math.inf)),
    st.builds(lambda n, ends: c.AtLeast(n, *ends), st.integers(1, 9), INTERVALS),
    st.builds(lambda n, ends: c.AtMost(n, *ends), st.integers(0, 9), INTERVALS),
    SECONDS.map(c.MinSpacing),
    st.builds(c.MinSize, SIZES, SIZES),
    st.builds(lambda w, h, ends: c.MaxSize(w, h, *ends), SIZES, SIZES, INTERVALS),
    st.just(c.SameSize()),
    st.integers(1, 5000).map(c.MaxTokensPerImage),
    st.lists(st.tuples(SECONDS, SIZES, SIZES), max_size=3).map(c.Keep),
)
BLOCKS = st.builds(
    budgetfit.PromptBlock,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    required=st.booleans(),
    priority=st.floats(0, 9),
    cut=st.sampled_from(["word", "sentence", "line", "none"]),
    name=st.none() | st.just("a name"),
)
ASKED = st.builds(
    Asked,
    prompt=st.just("all of it") | st.lists(BLOCKS, max_size=3).map(tuple),
    text_value_per_1000_tokens=st.floats(0, 2),
    montage=st.booleans(),
    where=st.builds(
        Where, st.none() | st.integers(1, 200), st.none() | SECONDS, st.none() | SECONDS
    ),
    constraints=st.lists(CONSTRAINTS, max_size=4).map(tuple),
    relevance=st.none() | st.lists(st.tuples(SECONDS, SECONDS, SECONDS), max_size=2).map(tuple),
    unsaved=st.just(()) | st.just(("customize", "constraints")),
)


@given(ASKED)
def test_json_keeps_it(asked: Asked) -> None:
    data = json.loads(json.dumps(asked.to_dict(), allow_nan=False))
    assert Asked.from_dict(data) == asked


class Own(c.Constraint):
    @property
    def name(self) -> str:
        return "one of my own"

    def rules(self, choice: c.Choice) -> Iterator[CountRule]:
        yield self.rule(choice.width > 0, minimum=1)


def test_a_file_says_what_it_cannot_hold(tmp_path: Path, package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(
        package_clips["bikes"],
        "Describe.",
        constraints=[Own(), c.Show(1.0)],
        customize=lambda model: None,
        relevance=lambda images, prompt: [1.0] * len(images),
        max_images=2,
    )
    assert plan.asked is not None
    assert plan.asked.unsaved == ("customize", "relevance", "constraints")
    assert plan.asked.constraints == (c.Show(1.0),)
    plan.save(tmp_path / "plan.json")
    assert budgetfit.Plan.load(tmp_path / "plan.json") == plan


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"constraints": [{"kind": "Constraint"}]}, "there is no constraint 'Constraint'"),
        ({"constraints": [{"kind": "Show", "time_s": "now"}]}, "time_s of Show"),
        ({"constraints": [{"kind": "Show", "when": 1.0}]}, "a Show cannot be made"),
        ({"prompt": [{"text": "a"}]}, "asked.prompt"),
        ({"prompt": 7}, "valid string"),
        ({"num_candidates": 0}, "greater than or equal to 1"),
        ({"text_value_per_1000_tokens": None}, "valid number"),
        ({"relevance": [[0.0, 1.0]]}, "Field required"),
        ({"more": 1}, "Extra inputs"),
    ],
    ids=str,
)
def test_a_file_that_asks_for_what_cannot_be_asked(
    tmp_path: Path, package_clips: dict[str, Path], change: dict[str, Any], said: str
) -> None:
    path = tmp_path / "plan.json"
    budgetfit.plan(package_clips["carphone_pristine"], max_images=1).save(path)
    data = json.loads(path.read_text())
    data["asked"] |= change
    path.write_text(json.dumps(data))
    with pytest.raises(PlanFileError, match=said):
        budgetfit.Plan.load(path)


def test_files_of_before_have_none(tmp_path: Path, package_clips: dict[str, Path]) -> None:
    path = tmp_path / "plan.json"
    budgetfit.plan(package_clips["carphone_pristine"], max_images=1).save(path)
    data = json.loads(path.read_text())
    del data["asked"]
    path.write_text(json.dumps(data))
    assert budgetfit.Plan.load(path).asked is None
