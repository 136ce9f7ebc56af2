"""What can prove an optimum finds the one that enumeration finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.solve.highs import solve_with_highs
from benchmarks.solve.naive_cpsat import solve_naively
from benchmarks.solve.outcome import Outcome
from hypothesis import given, settings

from budgetfit.problem.problem import Problem
from tests.benchmarks.solve.plain import plain_problems
from tests.problem.strategies import optimum


@pytest.mark.parametrize("solve", [solve_naively, solve_with_highs])
@settings(max_examples=60, deadline=None)
@given(problem=plain_problems())
def test_value_and_bound(
    solve: Callable[[Problem, float, float], Outcome], problem: Problem
) -> None:
    best = optimum(problem)
    outcome = solve(problem, 0.0, 60.0)
    assert outcome.value == best
    if best is None:
        assert outcome.bound is None
    else:
        assert outcome.bound is not None
        assert best <= outcome.bound <= best * (1 + 1e-5) + 1


@pytest.mark.parametrize("solve", [solve_naively, solve_with_highs])
@settings(max_examples=20, deadline=None)
@given(problem=plain_problems())
def test_no_time_is_no_solution(
    solve: Callable[[Problem, float, float], Outcome], problem: Problem
) -> None:
    outcome = solve(problem, 0.0, 1e-9)
    assert (outcome.value, outcome.bound) == (None, None)
    assert outcome.gap == 1.0
