"""solve() never exceeds a limit, never claims too much, and finds optima where it says so."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.problem.problem import Problem
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from budgetfit.solver import Result, SearchLimits, solve
from tests.cpsat.test_search import hard_problem
from tests.problem.strategies import feasible_solutions, optimum, problems
from tests.search.clocks import counting_clock, looks_after_passing

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
EXACT = SearchLimits(relative_gap_limit=0.0, time_limit_s=20.0)


@pytest.mark.slow
@settings(max_examples=10_000 if FULL else 1_000)
@given(problems())
def test_equals_brute_force(problem: Problem) -> None:
    best = optimum(problem)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(problem, EXACT)
        return
    result = solve(problem, EXACT)
    assert violations(problem, result.solution) == []
    worth = evaluate(problem, result.solution)
    assert worth.objective_value == best
    assert worth.explained_value == result.explained_value
    assert result.gap == 0
    assert 0 <= result.information <= result.best_information <= 1


@given(problems())
def test_a_loose_gap_is_kept_and_starts_are_not_fallen_behind(problem: Problem) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    best = max(solutions, key=lambda s: evaluate(problem, s).objective_value)
    result = solve(problem, SearchLimits(relative_gap_limit=0.3), starts=[best])
    reached = evaluate(problem, result.solution).objective_value
    assert reached == evaluate(problem, best).objective_value
    assert result.best_bound >= result.explained_value


def test_the_infeasible_names_what_is_needed() -> None:
    problem = replace(hard_problem(), max_prompt_tokens=40)
    with pytest.raises(InfeasibleError, match=r"37 tokens.*9 tokens.*46 tokens.*only 40"):
        solve(problem)


def test_what_proves_the_bound() -> None:
    problem = hard_problem()
    assert solve(replace(problem, max_images=2)).proved_by == "enumeration"
    assert solve(replace(problem, max_images=2)).gap == 0
    tight = solve(problem, SearchLimits(relative_gap_limit=0.0, time_limit_s=1.0))
    loose = solve(problem, SearchLimits(relative_gap_limit=0.9))
    assert loose.proved_by == "lagrangian bound"
    assert tight.best_bound <= loose.best_bound
    assert tight.explained_value >= loose.explained_value


def test_a_time_limit_of_no_time_still_returns_a_true_gap() -> None:
    result = solve(hard_problem(), SearchLimits(relative_gap_limit=0.0, time_limit_s=1e-9))
    assert 0 < result.gap < 1
    assert violations(hard_problem(), result.solution) == []


@pytest.mark.slow
@settings(max_examples=5_000 if FULL else 500)
@given(problems(), st.integers(1, 60))
def test_whenever_the_time_is_up_the_gap_is_true(problem: Problem, limit: int) -> None:
    """The clock counts how often it is looked at: the limit may strike at any of its looks."""
    best = optimum(problem)
    limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=float(limit))
    with counting_clock(), looks_after_passing() as late:
        if best is None:
            with pytest.raises(InfeasibleError):
                solve(problem, limits)
            return
        result = solve(problem, limits)
    assert violations(problem, result.solution) == []
    reached = evaluate(problem, result.solution).objective_value
    prompt_value = problem.prompt_options[result.solution.prompt].value
    assert reached <= best <= result.best_bound + prompt_value
    # Cells are at most as many as levels; each says once more that there is no time.
    assert len(late) < 30


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000])
def test_little_is_done_once_the_time_is_up(limit: int) -> None:
    limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=float(limit))
    with counting_clock() as clock, looks_after_passing() as late:
        result = solve(hard_problem(), limits)
    assert violations(hard_problem(), result.solution) == []
    assert 0 < result.gap < 1
    assert clock.looks <= limit + 2
    assert len(late) < 30


def test_equal_input_gives_equal_plans() -> None:
    # Small enough that a proof ends the search; where the clock does, plans need not be equal.
    hard = hard_problem()
    values = hard.values[:20, :100]
    problem = replace(
        hard,
        values=values,
        option_candidate=hard.option_candidate[:100],
        option_num_tokens=hard.option_num_tokens[:100],
        max_images=5,
        total_value=int(values.max(axis=1).sum()),
    )
    first, second = (solve(problem, SearchLimits(time_limit_s=60.0)) for _ in range(2))
    assert first == second
    assert first.proved_by == "CP-SAT"


def test_ties_go_to_fewer_tokens() -> None:
    """A blank video: nothing is worth anything, so the cheapest picture is the answer."""
    problem = replace(hard_problem(), values=np.zeros((40, 400), dtype=np.int64), total_value=0)
    result = solve(problem)
    assert result.solution == Solution((0,))
    assert (result.information, result.best_information, result.gap) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("relative_gap_limit", 1.0),
        ("relative_gap_limit", -0.1),
        ("time_limit_s", 0.0),
        ("time_limit_s", float("nan")),
        ("num_workers", 0),
        ("num_workers", 1.5),
    ],
)
def test_limits_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=name):
        SearchLimits(**{name: value})  # type: ignore[arg-type]


def test_improving_results_are_told() -> None:
    told: list[Result] = []
    limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=2.0)
    final = solve(hard_problem(), limits, on_improvement=told.append)
    values = [result.explained_value for result in told]
    assert values == sorted(set(values))
    assert len(values) > 1
    assert values[-1] == final.explained_value
    for result in told:
        assert violations(hard_problem(), result.solution) == []
        assert result.best_bound >= final.explained_value


def test_an_interrupt_returns_the_best_so_far_with_its_true_gap() -> None:
    def interrupt(result: Result) -> None:
        raise KeyboardInterrupt

    exact = SearchLimits(relative_gap_limit=0.0, time_limit_s=30.0)
    told: list[Result] = []

    def interrupt_at_second(result: Result) -> None:
        told.append(result)
        if len(told) == 2:
            raise KeyboardInterrupt

    result = solve(hard_problem(), exact, on_improvement=interrupt_at_second)
    assert result.interrupted
    assert result.explained_value == told[-1].explained_value
    assert 0 < result.gap < 1
    with pytest.raises(KeyboardInterrupt):
        # Before there is anything to return.
        solve(hard_problem(), exact, on_improvement=interrupt)


@pytest.mark.parametrize(
    "interrupt",
    [
        "threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()",
        # While the thread is started: nobody waits for it yet.
        "os.kill(os.getpid(), signal.SIGINT)",
    ],
    ids=["later", "at once"],
)
def test_an_interrupt_stops_cpsat(interrupt: str) -> None:
    """A real SIGINT while CP-SAT runs on its thread."""
    code = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from tests.cpsat.test_search import hard_problem
from budgetfit.cpsat import running
from budgetfit.solver import SearchLimits, solve
start = threading.Thread.start
started = []
def start_and_interrupt(thread):
    start(thread)
    if thread.name == "budgetfit-cp-sat" and not started:
        started.append(thread)
        exec(sys.argv[2])
threading.Thread.start = start_and_interrupt
limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=600.0, num_workers=2)
result = solve(hard_problem(), limits)
print(result.interrupted, 0 < result.gap < 1)
"""
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(root), interrupt],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["True", "True"]
