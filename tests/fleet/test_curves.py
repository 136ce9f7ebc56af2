"""A job's bound is never below what can be reached, in any room."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from budgetfit.explain.rooms import cheapest_request
from budgetfit.fleet.curves import Curve, Line
from budgetfit.fleet.solving import solve_rooms
from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.lagrangian import FIXED_POINT
from budgetfit.search_limits import SearchLimits
from tests.problem.strategies import optimum, problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
LIMITS = SearchLimits(relative_gap_limit=0.1, time_limit_s=20.0)


def curve_of(problem: Problem, rooms: list[int]) -> Curve:
    most = problem.max_prompt_tokens
    curve = Curve(cheapest_request(problem), most, problem.total_value, ())
    if curve.least > most:
        return curve
    inside = sorted({min(max(room, curve.least), most) for room in rooms})
    return solve_rooms([replace(problem, max_prompt_tokens=r) for r in inside], curve, LIMITS)


@pytest.mark.slow
@settings(max_examples=500 if FULL else 50)
@given(problems(), st.lists(st.integers(1, 150), min_size=1, max_size=4))
def test_bounds_hold_in_every_room(problem: Problem, rooms: list[int]) -> None:
    curve = curve_of(problem, rooms)
    assume(curve.is_solved)
    tokens, shares = curve.bound_corners
    assert (tokens[0], tokens[-1]) == (curve.least, curve.most)
    assert (np.diff(tokens) > 0).all()
    assert (np.diff(shares) >= 0).all()
    for room in range(1, curve.most + 1):
        best = optimum(replace(problem, max_prompt_tokens=room))
        if best is None:
            continue
        assert room >= curve.least
        assert np.interp(room, tokens, shares) >= curve.shares([best])[0]
        if any(one.room >= room for one in curve.solved) or curve.total_value:
            assert curve.bound_at(room)[0] >= best


@settings(max_examples=30)
@given(problems(), st.lists(st.integers(1, 150), min_size=1, max_size=4))
def test_what_is_solved_is_what_it_says(problem: Problem, rooms: list[int]) -> None:
    curve = curve_of(problem, rooms)
    for one, share in zip(curve.solved, curve.reached, strict=True):
        alone = replace(problem, max_prompt_tokens=one.num_tokens)
        assert violations(alone, one.solution) == []
        worth = evaluate(alone, one.solution)
        assert (worth.num_tokens, worth.objective_value) == (one.num_tokens, one.objective)
        assert one.num_tokens <= one.room
        assert share == curve.shares([one.objective])[0]
        assert one.bound >= one.objective


def test_a_line_falls_by_the_price_of_a_token() -> None:
    line = Line(at_most=100, token=3 * FIXED_POINT)
    assert [line.at(less) for less in (0, 1, 10)] == [101, 98, 71]


def test_where_nothing_counts_all_is_shown() -> None:
    assert Curve(1, 9, 0, ()).shares([0, 50_000_000]).tolist() == [1.0, 1.5]
    assert Curve(1, 9, 200, ()).shares([0, 50]).tolist() == [0.0, 0.25]
