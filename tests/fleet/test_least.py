"""The worst-off job is as well off as it can be."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.fleet.choices import Choices
from budgetfit.fleet.least import best_least, least_bound, least_price
from tests.fleet.fleets import Jobs, best_and_least, choices_of, fleets

FULL = os.environ.get("BUDGETFIT_FULL") == "1"


@pytest.mark.slow
@settings(max_examples=2_000 if FULL else 200)
@given(fleets(), st.integers(0, 200))
def test_small_fleets_equal_brute_force(jobs: Jobs, room: int) -> None:
    choices, best = choices_of(jobs), best_and_least(jobs, room)
    if best is None:
        with pytest.raises(ValueError, match="the cheapest points cost"):
            best_least(choices, room)
        return
    level, split = best_least(choices, room)
    values = choices.value[split.chosen]
    assert level == values.min() == best[1]
    assert split.num_tokens == choices.num_tokens[split.chosen].sum() <= room
    # What is left goes to the sum, among choices that leave nobody below.
    rest = [
        ([t for t, v in zip(*job, strict=True) if v >= level], [v for v in job[1] if v >= level])
        for job in jobs
    ]
    again = best_and_least(rest, room)
    assert again is not None
    assert values.sum() == again[0]


lines = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), min_size=0, max_size=4)


@settings(max_examples=500 if FULL else 100)
@given(st.lists(lines, min_size=1, max_size=3), st.integers(3, 60))
def test_the_bound_is_what_whole_tokens_reach(
    steps: list[list[tuple[int, int]]], room: int
) -> None:
    jobs: Jobs = []
    for job in steps:
        tokens, values = [1], [2]
        for run, rise in job:
            tokens.append(tokens[-1] + run)
            values.append(values[-1] + rise)
        jobs.append((tokens, values))
    reached = [
        {b: np.interp(b, tokens, values) for b in range(1, tokens[-1] + 1)}
        for tokens, values in jobs
    ]
    best = max(
        min(job[b] for job, b in zip(reached, given_tokens, strict=True))
        for given_tokens in itertools.product(*reached)
        if sum(given_tokens) <= room
    )
    assert least_bound(choices_of(jobs), room) == int(np.floor(best + 1e-9))


def test_the_price_of_a_level() -> None:
    # Two jobs, of 2 and 3 tokens for a unit of value: 5 tokens lift both by one.
    choices = Choices.of([([0, 200], [0, 100]), ([0, 300], [0, 100])])
    assert least_bound(choices, 100) == 20
    assert least_price(choices, 20) == pytest.approx(1 / 5)
    assert least_price(choices, 100) == 0


def test_no_jobs() -> None:
    nothing = Choices.of([])
    assert best_least(nothing, 3)[0] == least_bound(nothing, 3) == least_price(nothing, 0) == 0
