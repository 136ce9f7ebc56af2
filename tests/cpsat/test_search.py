"""CP-SAT on its own finds the optimum, and its model is the problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from budgetfit.cpsat.search import build_model, search
from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from tests.problem.strategies import feasible_solutions, optimum, problems


@given(problems())
def test_equals_brute_force(problem: Problem) -> None:
    best = optimum(problem)
    outcome = search(
        problem,
        lower_bound=0,
        upper_bound=problem.total_value + max(p.value for p in problem.prompt_options),
        absolute_gap_limit=0,
        time_limit_s=10.0,
    )
    assert outcome.infeasible == (best is None)
    if best is None:
        assert outcome.solution is None
        return
    assert outcome.solution is not None
    assert violations(problem, outcome.solution) == []
    assert evaluate(problem, outcome.solution).objective_value == best
    assert outcome.best_objective_bound == best


def fixed(problem: Problem, solution: Solution) -> cp_model.CpSolverStatus:
    """Solve the model with every decision fixed to ``solution``."""
    model, variables = build_model(problem)
    for option, variable in enumerate(variables.option):
        model.add(variable == (option in solution.options))
    for prompt, variable in enumerate(variables.prompt):
        model.add(variable == (prompt == solution.prompt))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver.solve(model)


@settings(max_examples=50)
@given(problems(), st.integers(0, 2**15 - 1), st.integers(0, 2))
def test_a_choice_is_in_the_model_exactly_where_the_validator_passes_it(
    problem: Problem, bits: int, prompt: int
) -> None:
    options = tuple(option for option in range(problem.num_options) if bits >> option & 1)
    solution = Solution(options, prompt % len(problem.prompt_options))
    feasible = violations(problem, solution) == []
    assert (fixed(problem, solution) == cp_model.OPTIMAL) == feasible


@settings(max_examples=60)
@given(problems(), st.integers(1, 3), st.integers(-3, 3))
def test_bounds_from_below_and_on_images(problem: Problem, min_images: int, above: int) -> None:
    """Only what is worth at least ``lower_bound`` with enough images is found, or ruled out."""
    worth = [
        evaluate(problem, solution).objective_value
        for solution in feasible_solutions(problem)
        if len(solution.options) >= min_images
    ]
    most = max(worth, default=0)
    outcome = search(
        problem,
        lower_bound=most + above,
        upper_bound=max(most, most + above),
        absolute_gap_limit=0,
        time_limit_s=10.0,
        min_images=min_images,
    )
    reachable = bool(worth) and above <= 0
    assert outcome.infeasible == (not reachable)
    if reachable:
        assert outcome.solution is not None
        assert evaluate(problem, outcome.solution).objective_value == most
        assert len(outcome.solution.options) >= min_images


def hard_problem() -> Problem:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 10_000, (40, 400))
    return Problem(
        values=values,
        option_candidate=np.repeat(np.arange(40), 10),
        option_num_tokens=np.tile(np.arange(1, 11) * 37, 40),
        prompt_options=(PromptOption(9),),
        max_prompt_tokens=2000,
        max_images=8,
        total_value=int(values.max(axis=1).sum()),
    )


@pytest.mark.parametrize("time_limit_s", [0.001, 0.3])
def test_a_time_limit_keeps_the_bound_valid(time_limit_s: float) -> None:
    problem = hard_problem()
    outcome = search(
        problem,
        lower_bound=0,
        upper_bound=problem.total_value,
        absolute_gap_limit=0,
        time_limit_s=time_limit_s,
    )
    known = 0
    if outcome.solution is not None:
        assert violations(problem, outcome.solution) == []
        known = evaluate(problem, outcome.solution).objective_value
    assert known <= outcome.best_objective_bound <= problem.total_value
    assert not outcome.infeasible
