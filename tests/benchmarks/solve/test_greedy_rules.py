"""The greedy rules keep the limits and never fall behind the best single picture."""

from __future__ import annotations

from benchmarks.solve.greedy_rules import solve_greedily
from hypothesis import given, settings

from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate
from tests.benchmarks.solve.plain import plain_problems
from tests.problem.strategies import feasible_solutions


@settings(max_examples=200, deadline=None)
@given(plain_problems())
def test_between_the_best_picture_and_the_optimum(problem: Problem) -> None:
    solutions = list(feasible_solutions(problem))
    worth = [evaluate(problem, s).objective_value for s in solutions]
    singles = [w for w, s in zip(worth, solutions, strict=True) if len(s.options) == 1]
    value = solve_greedily(problem).value
    if value is None:
        assert worth == []
    else:
        assert max(singles) <= value <= max(worth)
