"""The dynamic program is exact among runs in time order, and never infeasible."""

from __future__ import annotations

import numpy as np
from benchmarks.solve.time_ordered import solve_in_time_order, time_ordered, unit_num_tokens
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from tests.benchmarks.solve.plain import plain_problems
from tests.problem.strategies import feasible_solutions, optimum


def worth_in_runs(problem: Problem, solution: Solution) -> int:
    """The most that the options explain where each explains one run, in their order."""
    best = [0] * (len(solution.options) + 1)
    for moment in range(problem.num_moments):
        # best[k]: the moments so far are explained by the first k options.
        worth = [0, *(int(problem.values[moment, option]) for option in solution.options)]
        best = [
            max(best[: last + 1]) + worth[last] if last else 0
            for last in range(len(solution.options) + 1)
        ]
    return max(best) + problem.prompt_options[solution.prompt].value


@settings(max_examples=200, deadline=None)
@given(plain_problems(), st.integers(1, 9))
def test_feasible_and_at_most_the_optimum(problem: Problem, unit: int) -> None:
    best = optimum(problem)
    found = time_ordered(problem, unit)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert violations(problem, found) == []
        assert evaluate(problem, found).objective_value <= best


@settings(max_examples=100, deadline=None)
@given(plain_problems())
def test_exact_among_runs(problem: Problem) -> None:
    found = time_ordered(problem, unit=1)
    worth = [worth_in_runs(problem, solution) for solution in feasible_solutions(problem)]
    if found is not None:
        assert evaluate(problem, found).objective_value >= max(worth)


def test_a_scene_that_comes_back_is_not_seen() -> None:
    """Two pictures explain four moments in turns, which no two runs do."""
    problem = Problem(
        values=np.array([[4, 0], [0, 3], [4, 0], [0, 3]]),
        option_candidate=np.array([0, 1]),
        option_num_tokens=np.array([2, 2]),
        prompt_options=(PromptOption(1),),
        max_prompt_tokens=3,
        max_images=None,
        total_value=14,
    )
    assert solve_in_time_order(problem).value == 8
    assert worth_in_runs(problem, Solution((0, 1))) == 11
    assert evaluate(problem, Solution((0, 1))).objective_value == 14


@settings(deadline=None)
@given(plain_problems(), st.integers(1, 5000))
def test_the_unit_is_the_least_that_keeps_the_work_within(problem: Problem, most: int) -> None:
    room = problem.max_prompt_tokens - min(p.num_tokens for p in problem.prompt_options)
    counts = 1 if problem.max_images is None else problem.image_limit + 1
    updates = room * problem.num_options * (problem.num_moments + 1) * counts
    unit = unit_num_tokens(problem, most)
    assert updates <= unit * most
    assert unit == 1 or updates > (unit - 1) * most
