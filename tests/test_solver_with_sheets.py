"""With sheets, too: no limit is exceeded, nothing is claimed too much, and optima are found."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.errors import InfeasibleError
from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.lagrangian import cannot_be_sent, cannot_reach, lagrangian_bound
from budgetfit.search.sheet_pairs import SheetPairs
from budgetfit.solver import SearchLimits, solve
from tests.problem.sheet_strategies import sheet_optimum, sheet_problems, sheet_solutions

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
EXACT = SearchLimits(relative_gap_limit=0.0, time_limit_s=20.0)


@pytest.mark.slow
@settings(max_examples=5_000 if FULL else 500, deadline=None)
@given(sheet_problems())
def test_equals_brute_force(problem: Problem) -> None:
    best = sheet_optimum(problem)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(problem, EXACT)
        return
    result = solve(problem, EXACT)
    assert violations(problem, result.solution) == []
    assert evaluate(problem, result.solution).objective_value == best
    assert result.gap == 0


@settings(deadline=None)
@given(sheet_problems(), st.integers(0, 60))
def test_the_bound_with_prices_is_never_below_a_solution(problem: Problem, steps: int) -> None:
    solutions = list(sheet_solutions(problem))
    if not solutions:
        return
    dual = DualSearch(problem, solutions[0])
    dual.run(steps, 0, 0)
    prices = dual.best_multipliers()
    worth = [evaluate(problem, solution).objective_value for solution in solutions]
    assert lagrangian_bound(problem, prices) >= max(worth)
    goal = sorted(worth)[len(worth) // 2]
    reaching = [s for s, value in zip(solutions, worth, strict=True) if value >= goal]
    out, unsent = cannot_reach(problem, prices, goal), cannot_be_sent(problem, prices, goal)
    assert not any(out[list(solution.options)].any() for solution in reaching)
    assert not any(unsent[list(solution.sheets)].any() for solution in reaching)


@settings(deadline=None)
@given(sheet_problems(), st.lists(st.integers(0, 1000), min_size=5, max_size=5))
def test_the_bound_on_pairs_is_never_below_a_solution(problem: Problem, prices: list[int]) -> None:
    """At any prices, for all solutions of at most two images."""
    moment = np.array(prices[: problem.num_moments], dtype=np.int64)
    few = [
        (solution, evaluate(problem, solution).objective_value)
        for solution in sheet_solutions(problem)
        if evaluate(problem, solution).num_images <= 2
    ]
    if not few:
        return
    pairs = SheetPairs(problem)
    assert pairs.worth(moment, pairs.surplus(moment)).max() >= max(value for _, value in few)
    goal = sorted(value for _, value in few)[len(few) // 2]
    out, unsent = pairs.cannot_reach(moment, goal)
    for solution, value in few:
        if value >= goal:
            assert not out[list(solution.options)].any()
            assert not unsent[list(solution.sheets)].any()
