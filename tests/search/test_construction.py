"""Greedy, exchanges and uniform choices are feasible, and exchanges only improve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import coverage, objective, preference
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.uniform import uniform_solution, uniform_solutions
from tests.problem.strategies import feasible_solutions, problems

prices = st.sampled_from([0.0, 0.5, 10.0, math.inf])


@given(problems(with_rules=False), prices)
def test_greedy_finds_something_wherever_there_is(problem: Problem, price: float) -> None:
    found = greedy(problem, price)
    assert (found is None) == (not any(feasible_solutions(problem)))
    assert found is None or violations(problem, found) == []


@given(problems(), prices)
def test_greedy_keeps_the_rules_or_gives_up(problem: Problem, price: float) -> None:
    found = greedy(problem, price)
    assert found is None or violations(problem, found) == []


@given(problems(), st.data())
def test_exchange_improves_to_a_local_optimum(problem: Problem, data: st.DataObject) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    start = data.draw(st.sampled_from(solutions))
    found = exchange(problem, start)
    assert violations(problem, found) == []
    assert preference(problem, found) <= preference(problem, start)
    assert objective(problem, found) == evaluate(problem, found).objective_value
    reached = evaluate(problem, found).objective_value
    for other in solutions:
        added = set(other.options) - set(found.options)
        removed = set(found.options) - set(other.options)
        if len(added) <= 1 and len(removed) <= 1:
            assert evaluate(problem, other).objective_value <= reached


def even_problem(num_candidates: int, max_images: int | None, room: int) -> Problem:
    """Moments that only their own candidate explains, at levels of 10, 20 and 30 tokens."""
    values = np.kron(np.eye(num_candidates, dtype=np.int64), np.array([[1, 2, 3]]))
    return Problem(
        values=values,
        option_candidate=np.repeat(np.arange(num_candidates), 3),
        option_num_tokens=np.tile([10, 20, 30], num_candidates),
        prompt_options=(PromptOption(4),),
        max_prompt_tokens=room + 4,
        max_images=max_images,
        total_value=3 * num_candidates,
    )


@pytest.mark.parametrize(
    ("num_frames", "room", "expected"),
    [
        (1, 100, (16 * 3 + 2,)),
        (2, 40, (8 * 3 + 1, 24 * 3 + 1)),
        (4, 40, (4 * 3, 12 * 3, 20 * 3, 28 * 3)),
        (4, 39, None),
    ],
)
def test_uniform_takes_the_middles_at_the_largest_level_that_fits(
    num_frames: int, room: int, expected: tuple[int, ...] | None
) -> None:
    found = uniform_solution(even_problem(33, None, room), num_frames)
    assert (found.options if found else None) == expected


def test_uniform_keeps_the_image_limit_and_the_number_of_candidates() -> None:
    assert uniform_solution(even_problem(33, 2, 1000), 4) is None
    assert uniform_solution(even_problem(3, None, 1000), 4) is None
    counts = [len(s.options) for s in uniform_solutions(even_problem(33, None, 10_000))]
    assert counts == [1, 2, 4, 8, 16]  # 32 middles are not among 33 candidates


def test_uniform_sends_once_what_stands_for_several_middles() -> None:
    # Of times spread evenly, the first half is shown by the first of three candidates.
    evenly = np.array([0] * 5 + [1, 1, 2, 2])
    problem = even_problem(3, None, 60)
    for num_frames, expected in ((1, (2,)), (2, (2, 3 + 2)), (4, (1, 3 + 1, 6 + 1))):
        found = uniform_solution(problem, num_frames, evenly)
        assert found is not None
        assert found.options == expected
    assert uniform_solution(problem, 16, evenly) is None


def test_coverage_of_nothing_is_nothing() -> None:
    assert not coverage(even_problem(3, None, 50), ()).any()
    assert preference(even_problem(3, None, 50), Solution((0,))) < preference(
        even_problem(3, None, 50), Solution((3,))
    )
