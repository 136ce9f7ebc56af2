"""The division of tokens among points is the best there is, or proved near it."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.fleet import knapsack
from budgetfit.fleet.choices import Choices
from budgetfit.fleet.knapsack import best_split, relaxed_bound
from tests.fleet.fleets import Jobs, best_and_least, choices_of, fleets

FULL = os.environ.get("BUDGETFIT_FULL") == "1"


@pytest.mark.slow
@settings(max_examples=2_000 if FULL else 200)
@given(fleets(), st.integers(0, 200))
def test_small_fleets_equal_brute_force(jobs: Jobs, room: int) -> None:
    choices, best = choices_of(jobs), best_and_least(jobs, room)
    if best is None:
        with pytest.raises(ValueError, match="the cheapest points cost"):
            best_split(choices, room)
        return
    split = best_split(choices, room)
    assert split.value == split.bound == best[0]
    assert split.value == choices.value[split.chosen].sum()
    assert split.num_tokens == choices.num_tokens[split.chosen].sum() <= room
    assert (choices.job[split.chosen] == np.arange(len(jobs))).all()
    assert relaxed_bound(choices, room)[0] >= best[0]


@settings(max_examples=200 if FULL else 50)
@given(fleets(), st.integers(0, 200))
def test_without_room_for_tables_the_bound_is_true(jobs: Jobs, room: int) -> None:
    best = best_and_least(jobs, room)
    if best is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knapsack, "_MAX_CELLS", 1)
        split = best_split(choices_of(jobs), room)
    assert split.value <= best[0] <= split.bound
    assert split.num_tokens <= room


def many_jobs(count: int) -> Choices:
    rng = np.random.default_rng(7)
    tokens = (rng.uniform(20, 100, count)[:, None] * 1.3 ** np.arange(20)).astype(np.int64)
    shares = 1 - np.exp(-np.sort(rng.uniform(0, 1.5, (count, 20)), axis=1))
    values = (2**30 * shares).astype(np.int64)
    return Choices(tokens.ravel(), values.ravel(), np.arange(count) * 20)


def test_a_thousand_videos_are_divided_exactly() -> None:
    split = best_split(many_jobs(1_000), 600_000)
    assert split.num_tokens <= 600_000
    assert split.value == split.bound


def test_many_videos_are_divided_within_a_millionth() -> None:
    split = best_split(many_jobs(20_000), 12_000_000)
    assert split.num_tokens <= 12_000_000
    assert split.bound - split.value <= 1e-6 * split.bound


def test_the_price_is_what_tokens_more_add() -> None:
    choices = many_jobs(1_000)
    less, more = (best_split(choices, room) for room in (600_000, 610_000))
    assert more.price <= (more.value - less.value) / 10_000 <= less.price


def test_nothing_has_a_price_where_all_have_enough() -> None:
    split = best_split(Choices.of([([1, 5], [2, 9]), ([3], [4])]), 100)
    assert (split.value, split.bound, split.price) == (13, 13, 0)


def test_no_jobs_share_nothing() -> None:
    assert best_split(Choices.of([]), 5).value == 0
    assert relaxed_bound(Choices.of([]), 5) == (0, 0.0)
