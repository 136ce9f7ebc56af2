"""Choices in time order are the best ones at prices, and within the budget."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.search.budgeted_path import budgeted_path
from budgetfit.search.coverage import coverage, text_value
from budgetfit.search.deadline import Deadline
from budgetfit.search.priced_paths import PricedPaths
from budgetfit.search.time_order import TimeOrder
from tests.problem.strategies import problems
from tests.search.clocks import counting_clock

FULL = os.environ.get("BUDGETFIT_FULL") == "1"

prices = st.floats(0.0, 60.0)


def choices(problem: Problem) -> Iterator[list[int]]:
    """Every set of options of different candidates, the empty one among them."""
    by_candidate: list[list[int | None]] = [[None] for _ in range(problem.num_candidates)]
    for option, candidate in enumerate(problem.option_candidate.tolist()):
        by_candidate[candidate].append(option)
    for choice in itertools.product(*by_candidate):
        yield [option for option in choice if option is not None]


def in_runs(order: TimeOrder, options: Sequence[int]) -> float:
    """What options explain at most where each explains a run of places: by trying every cut."""
    most = np.zeros(order.explains.shape[1])
    for option in options:
        explains = order.explains[option]
        most = np.array(
            [
                max(
                    most[end],
                    *(most[begin] + explains[end] - explains[begin] for begin in range(end + 1)),
                )
                for end in range(len(most))
            ]
        )
    return float(most[-1])


@given(problems(), prices, prices)
def test_the_best_at_prices(problem: Problem, token_price: float, image_price: float) -> None:
    order = TimeOrder(problem)
    priced = np.asarray(token_price * problem.option_num_tokens + image_price, dtype=np.float64)
    after = order.after(priced)
    most = max(in_runs(order, options) - priced[options].sum() for options in choices(problem))
    assert after[0, 0] == pytest.approx(most, abs=1e-6)
    walked = order.walked(after, priced)
    candidates = problem.option_candidate[walked].tolist()
    assert candidates == sorted(set(candidates))
    assert in_runs(order, walked) - priced[walked].sum() == pytest.approx(most, abs=1e-6)
    assert in_runs(order, walked) <= coverage(problem, walked).sum()


@pytest.mark.slow
@settings(max_examples=5_000 if FULL else 500)
@given(problems(), prices, prices, st.integers(-1, 3000))
def test_the_best_within_the_budget(
    problem: Problem, token_price: float, image_price: float, known: int
) -> None:
    order = TimeOrder(problem)

    def fits(options: Sequence[int]) -> bool:
        within = problem.option_num_tokens[options].sum() <= problem.max_picture_tokens
        return 0 < len(options) <= problem.image_limit and bool(within)

    def worth(options: Sequence[int]) -> float:
        tokens = problem.option_num_tokens[options].sum()
        return in_runs(order, options) + int(text_value(problem, tokens))

    if problem.max_picture_tokens < 0:
        return
    paths = PricedPaths(problem, token_price, image_price)
    found = budgeted_path(problem, paths, known)
    most = max((worth(options) for options in choices(problem) if fits(options)), default=-1)
    # A path of which nothing is explained is none.
    if most > known and any(in_runs(order, o) for o in choices(problem) if fits(o)):
        assert fits(found)
        assert worth(found) == most
        assert paths.bound >= most - 1e-6
    assert not found or worth(found) > known
    assert not paths.best or fits(paths.best)
    assert not paths.beyond or not fits(paths.beyond)


@given(problems(), st.integers(1, 20))
def test_out_of_time_it_returns_what_it_has(problem: Problem, limit: int) -> None:
    if problem.max_picture_tokens < 0:
        return
    with counting_clock():
        deadline = Deadline(float(limit))
        paths = PricedPaths(problem, 1.0, 1.0, deadline=deadline)
        for options in (paths.best, budgeted_path(problem, paths, 0, deadline)):
            used = int(problem.option_num_tokens[options].sum())
            assert used <= problem.max_picture_tokens
            assert len(options) <= problem.image_limit
