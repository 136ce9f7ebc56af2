"""Constraints of the user's own: solutions keep them, and none that keeps them is better."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

import budgetfit
from budgetfit.constraints import Choice
from budgetfit.cpsat.customized import CustomizedModel
from budgetfit.cpsat.plan_model import Customize, PlanModel
from budgetfit.customized import solve_customized
from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.plans import Plan
from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search_limits import SearchLimits
from budgetfit.solver import Result, solve
from tests.cpsat.test_search import hard_problem
from tests.problem.strategies import feasible_solutions, problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
EXACT = SearchLimits(relative_gap_limit=0.0, time_limit_s=20.0)

Keeps = Callable[[Solution], bool]


def solved(
    problem: Problem,
    customize: Customize,
    limits: SearchLimits = EXACT,
    on_improvement: Callable[[Result], None] = lambda result: None,
) -> Result:
    candidate, tokens = problem.option_candidate, problem.option_num_tokens
    times_s = np.arange(problem.num_candidates, dtype=np.float64)
    choice = Choice(times_s, candidate, np.ones_like(tokens), np.ones_like(tokens), tokens)
    model = CustomizedModel(problem, choice, customize)
    return solve_customized(problem, model, limits, on_improvement=on_improvement)


@st.composite
def demands(draw: st.DrawFn, problem: Problem) -> tuple[Customize, Keeps]:
    """A constraint as its user adds it, and what it means."""
    options = range(problem.num_options)
    one, other = draw(st.sampled_from(options)), draw(st.sampled_from(options))
    kind = draw(st.sampled_from(["linear", "both", "even", "spread", "information", "text"]))
    if kind == "linear":
        weights = draw(st.lists(st.integers(-3, 5), min_size=len(options), max_size=len(options)))
        most = draw(st.integers(-4, 6))
        return (
            lambda m: m.model.add(cp_model.LinearExpr.weighted_sum(m.option, weights) <= most),
            lambda s: sum(weights[o] for o in s.options) <= most,
        )
    if kind == "both":
        return (
            lambda m: m.model.add(m.option[one] == m.option[other]),
            lambda s: (one in s.options) == (other in s.options),
        )
    if kind == "even":
        return (
            lambda m: m.model.add(m.num_images == 2 * m.model.new_int_var(0, 10, "half")),
            lambda s: len(s.options) % 2 == 0,
        )
    if kind == "spread":
        return (_no_neighbours, lambda s: not _has_neighbours(problem, s))
    if kind == "information":
        least = draw(st.integers(0, problem.total_value))
        return (
            lambda m: m.model.add(m.information >= least),
            lambda s: evaluate(problem, s).explained_value >= least,
        )
    spare = draw(st.integers(0, 60))
    return (
        lambda m: m.model.add(
            m.num_tokens + spare * m.prompt[0] <= problem.max_prompt_tokens - spare
        ),
        lambda s: (
            evaluate(problem, s).num_tokens + spare * (s.prompt == 0)
            <= problem.max_prompt_tokens - spare
        ),
    )


def _no_neighbours(m: PlanModel) -> None:
    """By an automaton over the candidates: after one that is sent comes one that is not."""
    sent = [
        cp_model.LinearExpr.sum([m.option[o] for o in np.flatnonzero(m.choice.candidate == c)])
        for c in range(len(m.choice.time_s))
    ]
    m.model.add_automaton(sent, 0, [0, 1], [(0, 0, 0), (0, 1, 1), (1, 0, 0)])


def _has_neighbours(problem: Problem, solution: Solution) -> bool:
    return bool((np.diff(problem.option_candidate[list(solution.options)]) == 1).any())


@pytest.mark.slow
@settings(max_examples=5_000 if FULL else 500)
@given(st.data())
def test_equals_brute_force(data: st.DataObject) -> None:
    problem = data.draw(problems())
    customize, keeps = data.draw(demands(problem))
    left = [solution for solution in feasible_solutions(problem) if keeps(solution)]
    if not left:
        with pytest.raises(InfeasibleError):
            solved(problem, customize)
        return
    told: list[Result] = []
    result = solved(problem, customize, on_improvement=told.append)
    assert violations(problem, result.solution) == []
    assert keeps(result.solution)
    worth = evaluate(problem, result.solution)
    assert worth.objective_value == max(evaluate(problem, s).objective_value for s in left)
    assert worth.explained_value == result.explained_value
    assert result.gap == 0
    assert all(keeps(one.solution) for one in told)
    assert evaluate(problem, told[-1].solution).objective_value == worth.objective_value


@settings(max_examples=50)
@given(st.data())
def test_a_loose_gap_is_a_true_gap(data: st.DataObject) -> None:
    problem = data.draw(problems())
    customize, keeps = data.draw(demands(problem))
    worth = [evaluate(problem, s) for s in feasible_solutions(problem) if keeps(s)]
    if not worth:
        return
    result = solved(problem, customize, SearchLimits(relative_gap_limit=0.5, time_limit_s=5.0))
    beside = problem.prompt_options[result.solution.prompt].value
    best = max(one.objective_value for one in worth) - beside
    assert min(best, problem.total_value) <= result.best_bound
    assert result.gap <= 0.5


def half_of_the_free(problem: Problem) -> Customize:
    """The best solution of ``problem`` is not allowed."""
    best = solve(problem, SearchLimits(time_limit_s=0.5)).solution.options
    return lambda m: m.model.add(sum(m.option[o] for o in best) <= len(best) // 2)


def at_most_four(m: PlanModel) -> None:
    """Half of the pictures that a hard problem has room for.

    However long a search without it took, what it found does not keep it; so CP-SAT has to search.
    """
    m.model.add(m.num_images <= 4)


def smooth_problem(max_images: int | None = None) -> Problem:
    """Like a video: the nearer a frame the more it shows, and half the size shows two thirds."""
    apart = np.abs(np.arange(20)[:, None] - np.arange(20))
    shown = 10_000 * 0.9**apart
    values = np.stack([shown * 2 / 3, shown], axis=2).reshape(20, 40).astype(np.int64)
    return Problem(
        values=values,
        option_candidate=np.repeat(np.arange(20), 2),
        option_num_tokens=np.tile([100, 400], 20),
        prompt_options=(PromptOption(9),),
        max_prompt_tokens=1500,
        max_images=max_images,
        total_value=200_000,
    )


def test_what_is_optimal_anyway_is_proved_as_ever() -> None:
    def nothing(m: PlanModel) -> None:
        """Add nothing."""

    problem = smooth_problem(max_images=2)
    free = solve(problem)
    assert solved(problem, nothing) == free
    assert free.proved_by == "enumeration"


@pytest.mark.parametrize("max_images", [2, 5])
def test_what_is_not_is_proved_by_cpsat(max_images: int) -> None:
    problem = smooth_problem(max_images)
    free = solve(problem, EXACT)
    result = solved(problem, lambda m: m.model.add(m.num_images == 1))
    assert (result.proved_by, result.gap) == ("CP-SAT", 0)
    assert len(result.solution.options) == 1
    assert result.explained_value < free.explained_value


def test_explanations_may_be_left_uncounted() -> None:
    """What is limited from above is the count: the bound is then no less than what is there."""
    problem = smooth_problem(max_images=3)
    free = solve(problem, EXACT)
    result = solved(
        problem,
        lambda m: m.model.add(m.information <= free.explained_value // 2),
        SearchLimits(time_limit_s=1.0),
    )
    assert result.explained_value <= result.best_bound <= problem.total_value


def _even_frames_alone(m: PlanModel) -> None:
    for option, candidate in zip(m.option, m.choice.candidate, strict=True):
        if candidate % 2:
            m.model.add(option == 0)


def test_equal_input_gives_equal_plans() -> None:
    first, second = (solved(smooth_problem(), _even_frames_alone) for _ in range(2))
    assert first == second
    assert first.proved_by == "CP-SAT"


def test_a_time_limit_of_no_time_still_returns_a_true_gap() -> None:
    limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=1e-9)
    result = solved(hard_problem(), half_of_the_free(hard_problem()), limits)
    assert violations(hard_problem(), result.solution) == []
    assert 0 < result.gap < 1
    longer = solved(hard_problem(), half_of_the_free(hard_problem()), SearchLimits())
    assert longer.explained_value <= result.best_bound


def test_an_interrupt_returns_the_best_so_far_with_its_true_gap() -> None:
    told: list[Result] = []

    def interrupt(result: Result) -> None:
        told.append(result)
        if len(told) == 2:
            raise KeyboardInterrupt

    limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=8.0)
    result = solved(hard_problem(), at_most_four, limits, interrupt)
    assert result.interrupted
    assert result.explained_value == told[-1].explained_value
    assert 0 < result.gap < 1


def test_an_interrupt_stops_cpsat() -> None:
    """A real SIGINT while CP-SAT runs on its thread."""
    code = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from tests.test_customized import at_most_four, hard_problem, solved
from budgetfit.search_limits import SearchLimits
timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
limits = SearchLimits(relative_gap_limit=0.0, time_limit_s=12.0, num_workers=2)
told = []
def interrupt_soon(result):
    if not told:
        timer.start()
    told.append(result)
result = solved(hard_problem(), at_most_four, limits, interrupt_soon)
print(result.interrupted, 0 < result.gap < 1)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parents[1])],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["True", "True"]


def test_a_common_level_is_kept() -> None:
    problem = replace(hard_problem(), option_level=np.tile(np.arange(10), 40))
    result = solved(problem, lambda m: m.model.add(m.num_images >= 5), SearchLimits())
    assert len({option % 10 for option in result.solution.options}) == 1
    assert len(result.solution.options) >= 5


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


def test_what_contradicts_the_limits_is_said_to(bunny: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"customized model has no solution.*3 images"):
        budgetfit.plan(bunny, max_images=3, customize=lambda m: m.model.add(m.num_images >= 4))


@pytest.mark.parametrize(
    ("customize", "message"),
    [
        (5, "customize is 5; it must be a function"),
        (lambda m: m.model.maximize(m.num_images), "customize sets an objective"),
        (lambda m: m.model.add(m.option[0] * 2**62 + m.option[1] * 2**62 <= 5), "invalid"),
    ],
)
def test_what_cannot_be_used_is_refused(bunny: Path, customize: Customize, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        budgetfit.plan(bunny, customize=customize)


def test_its_own_exception_passes_unchanged(bunny: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        budgetfit.plan(bunny, customize=lambda m: 1 / 0)


def test_options_are_what_the_choice_says(bunny: Path) -> None:
    """The very pictures demanded are planned, and all linear expressions count what is sent."""
    demanded = []

    def two_pictures(m: PlanModel) -> None:
        for share in (0.3, 0.6):
            option = int(len(m.option) * share)
            m.model.add(m.option[option] == 1)
            time_s = m.choice.time_s[m.choice.candidate[option]]
            demanded.append((time_s, m.choice.width[option], m.choice.height[option]))
        m.model.add(m.num_images == 4)
        m.model.add(m.num_tokens >= 2000)
        m.model.add(10 * m.information >= 5 * m.total_information)

    told: list[Plan] = []
    plan = budgetfit.plan(
        bunny, customize=two_pictures, time_labels=True, on_improvement=told.append
    )
    for one in (*told, plan):
        assert len(one.frames) == 4
        assert one.num_tokens >= 2000
        assert one.information >= 0.5
        assert set(demanded) <= {(f.time_s, f.width, f.height) for f in one.frames}
    assert len(demanded) == 2


def test_texts_can_be_demanded() -> None:
    texts = (PromptOption(9), PromptOption(500, 1))
    problem = replace(hard_problem(), prompt_options=texts)
    result = solved(problem, lambda m: m.model.add(m.prompt[1] == 1), SearchLimits())
    assert result.solution.prompt == 1
