"""A seeded part of ``make fuzz``: of damaged files come plans and typed errors, soon enough."""

from __future__ import annotations

import os
from collections import Counter

import pytest

import budgetfit
from budgetfit.video.sources import open_source
from tests.hostile.fuzzing import fuzz
from tests.hostile.mutations import mutated
from tests.hostile.seeds import NAMES, NUM_PICTURES, seed


@pytest.mark.parametrize("name", NAMES)
def test_whole_files_are_videos(name: str) -> None:
    with open_source(seed(name)) as source:
        expected = 1 if name.startswith("still.") else NUM_PICTURES
        assert len(list(source.sample(20))) == expected
        assert source.warnings == []


def test_damage_is_the_same_every_time() -> None:
    assert [mutated(1, number) for number in range(60)] == [mutated(1, n) for n in range(60)]
    assert mutated(1, 0) != mutated(2, 0)
    changed = sum(content != seed(name) for name, content in (mutated(1, n) for n in range(200)))
    assert changed > 190


def test_frames_that_only_a_seek_finds_are_not_taken() -> None:
    # Reading from the start passes over the first four of eight frames; seeking gives the first.
    name, content = mutated(1, 7188)
    assert name == "mpeg4.nut"
    plan = budgetfit.plan(content)
    assert plan.warnings == (
        "3 of 8 frames of the video in memory that were looked at gave no picture; they are left "
        "out",
    )
    assert [picture.size for picture in plan.images()] == [(64, 48)] * 5
    assert [frame.time_s for frame in plan.frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])


@pytest.mark.slow
def test_damaged_files(full_counts: bool) -> None:
    numbers = range(10_000) if full_counts else range(1000)
    workers = min(os.cpu_count() or 1, 2)
    found = list(fuzz(1, numbers, limit_s=60, num_workers=workers))
    assert [one for one in found if not one.is_good] == []
    outcomes = Counter(one.outcome for one in found)
    assert len(found) == len(numbers)
    assert outcomes["plan"] > len(numbers) / 10
    assert outcomes["plan with a warning"] > len(numbers) / 50
