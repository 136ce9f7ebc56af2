"""Rooms solved one from another are what each alone would be."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import budgetfit
from budgetfit.errors import InfeasibleError
from budgetfit.explain.sweeping import fitting, sweep
from budgetfit.explain.warm_solving import mean_prices, objective_bound, prices_of, solve_from
from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import objective
from budgetfit.search.lagrangian import lagrangian_bound
from budgetfit.search_limits import SearchLimits
from budgetfit.solver import Result, solve
from tests.problem.sheet_strategies import sheet_problems
from tests.problem.strategies import feasible_solutions, optimum, problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
EXACT = SearchLimits(relative_gap_limit=0.0, time_limit_s=20.0)
LOOSE = SearchLimits(relative_gap_limit=0.005, time_limit_s=20.0)

ROOMS = st.lists(st.integers(1, 200), min_size=1, max_size=5, unique=True).map(sorted)


def in_rooms(problem: Problem, rooms: list[int]) -> list[Problem]:
    return [replace(problem, max_prompt_tokens=room) for room in rooms]


def reached(problem: Problem, result: Result) -> int:
    return evaluate(problem, result.solution).objective_value


@pytest.mark.slow
@settings(max_examples=1_000 if FULL else 100)
@given(problems(), ROOMS)
def test_every_room_equals_brute_force(problem: Problem, rooms: list[int]) -> None:
    for alone, result in zip(
        in_rooms(problem, rooms), sweep(in_rooms(problem, rooms), EXACT), strict=True
    ):
        best = optimum(alone)
        assert (result is None) == (best is None)
        if result is not None:
            assert violations(alone, result.solution) == []
            assert reached(alone, result) == best
            assert result.gap == 0


@settings(max_examples=300 if FULL else 30)
@given(problems() | sheet_problems(), ROOMS)
def test_a_loose_gap_is_true_and_nothing_falls(problem: Problem, rooms: list[int]) -> None:
    limits = SearchLimits(relative_gap_limit=0.2, time_limit_s=20.0)
    whole = in_rooms(problem, rooms)
    found = [(p, r) for p, r in zip(whole, sweep(whole, limits), strict=True) if r is not None]
    worth = [reached(alone, result) for alone, result in found]
    bounds = [objective_bound(alone, result) for alone, result in found]
    assert worth == sorted(worth)
    assert bounds == sorted(bounds)
    for alone, result in found:
        assert violations(alone, result.solution) == []
        assert result.gap <= 0.2
        exact = solve(alone, EXACT)
        assert objective_bound(alone, result) >= reached(alone, exact) >= reached(alone, result)


@settings(max_examples=30)
@given(problems(), st.integers(1, 200))
def test_solutions_that_fit_come_with_the_best_text(problem: Problem, room: int) -> None:
    other = replace(problem, max_prompt_tokens=room)
    for solution in feasible_solutions(problem):
        for moved in fitting(other, [solution]):
            assert violations(other, moved) == []
            assert moved.options == solution.options
            best = max(
                (s for s in feasible_solutions(other) if s.options == moved.options),
                key=lambda s: evaluate(other, s).objective_value,
            )
            assert objective(other, moved) == objective(other, best)


def test_no_rooms_have_no_results() -> None:
    assert sweep([], EXACT) == []


@pytest.fixture(scope="module")
def clip_problem(package_clips: dict[str, Path]) -> Problem:
    made = budgetfit.plan(package_clips["bigbuckbunny"]).made_from
    assert made is not None
    return made.posed.problem


@pytest.mark.parametrize("max_images", [None, 5])
def test_on_a_real_clip_every_room_is_as_good_as_solved_alone(
    clip_problem: Problem, max_images: int | None
) -> None:
    rooms = [60, 200, 500, 900, 1500, 2400, 3796, 6000, 9000, 15000]
    whole = [replace(problem, max_images=max_images) for problem in in_rooms(clip_problem, rooms)]
    results = sweep(whole, LOOSE)
    for alone, result in zip(whole, results, strict=True):
        assert result is not None
        assert result.gap <= LOOSE.relative_gap_limit
        other = solve(alone, LOOSE)
        assert result.best_information >= other.information
        assert other.best_information >= result.information


def test_prices_of_a_neighbour_lead_to_a_true_bound(clip_problem: Problem) -> None:
    small, middle, large = in_rooms(clip_problem, [2000, 3000, 4500])
    sides = [prices_of(problem, solve(problem)) for problem in (small, large)]
    prices = mean_prices(*sides)
    known = fitting(middle, [solve(small).solution])
    most = middle.total_value
    result, last = solve_from(middle, known, prices, most, LOOSE)
    exact = solve(middle, SearchLimits(relative_gap_limit=0.0, time_limit_s=5.0))
    assert result.gap <= LOOSE.relative_gap_limit
    assert result.best_bound >= exact.explained_value
    assert result.explained_value <= exact.best_bound
    assert lagrangian_bound(middle, last) <= lagrangian_bound(middle, prices)


def test_what_is_solved_otherwise_is_asked_for_each_room(clip_problem: Problem) -> None:
    whole = in_rooms(clip_problem, [100, 400, 800])
    asked = []

    def solve_alone(index: int, known: object) -> Result:
        asked.append(index)
        if index == 0:
            raise InfeasibleError("nothing")
        return solve(whole[index])

    first, second, third = sweep(whole, LOOSE, solve_alone=solve_alone)
    assert sorted(asked) == [0, 1, 2]
    assert first is None
    assert second is not None
    assert third is not None


def test_an_interrupt_ends_the_sweep(clip_problem: Problem) -> None:
    def interrupted(index: int, known: object) -> Result:
        return replace(solve(clip_problem), interrupted=True)

    with pytest.raises(KeyboardInterrupt):
        sweep([clip_problem], LOOSE, solve_alone=interrupted)
