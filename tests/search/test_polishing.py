"""Relinking and polishing keep every limit and only improve."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import preference
from budgetfit.search.deadline import NEVER, Deadline
from budgetfit.search.exchange import exchange
from budgetfit.search.polishing import polished
from budgetfit.search.relinking import relinked
from tests.problem.strategies import feasible_solutions, problems
from tests.search.clocks import counting_clock
from tests.search.test_construction import even_problem

FULL = os.environ.get("BUDGETFIT_FULL") == "1"


@given(problems(), st.data())
def test_relinked_has_the_best_of_both(problem: Problem, data: st.DataObject) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    start = data.draw(st.sampled_from(solutions))
    level = problem.option_level
    guide: list[int] = []
    for candidate in range(problem.num_candidates):
        options = np.flatnonzero(problem.option_candidate == candidate).tolist()
        guide += data.draw(st.just([]) | st.sampled_from(options).map(lambda option: [option]))
    found = relinked(problem, start, guide)
    assert violations(problem, found) == []
    assert {*found.options} <= {*start.options, *guide}
    value = evaluate(problem, found).objective_value
    assert value >= evaluate(problem, start).objective_value
    for prompt in range(len(problem.prompt_options)):
        whole = Solution(tuple(guide), prompt)
        same = level is None or not guide or level[guide[0]] == level[start.options[0]]
        if same and not violations(problem, whole):
            assert value >= evaluate(problem, whole).objective_value


@pytest.mark.slow
@settings(max_examples=5_000 if FULL else 500)
@given(problems(), st.floats(-5.0, 60.0), st.floats(-50.0, 500.0), st.data())
def test_polished_is_feasible_and_never_worse(
    problem: Problem, token_price: float, image_price: float, data: st.DataObject
) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    start = data.draw(st.sampled_from(solutions))
    limit = data.draw(st.none() | st.integers(1, 40))
    with counting_clock():
        deadline = NEVER if limit is None else Deadline(float(limit))
        found = polished(problem, start, token_price, image_price, deadline=deadline)
    assert violations(problem, found) == []
    assert preference(problem, found) <= preference(problem, start)
    assert found == polished(problem, start, token_price, image_price) or limit is not None


def test_polishing_finds_what_no_exchange_can() -> None:
    """Two middling pictures stand where a large and a small one would explain more."""
    problem = Problem(
        values=np.array([[3, 6, 0, 0], [0, 0, 3, 4]]),
        option_candidate=np.array([0, 0, 1, 1]),
        option_num_tokens=np.array([5, 9, 1, 5]),
        prompt_options=(PromptOption(0),),
        max_prompt_tokens=10,
        max_images=None,
        total_value=20,
    )
    stuck = Solution((0, 3))
    assert exchange(problem, stuck) == stuck
    assert polished(problem, stuck, 0.5, 0.0) == Solution((1, 2))


def test_many_parts_are_cut_into_fewer() -> None:
    problem = even_problem(100, None, 1500)
    start = Solution(tuple(range(0, 300, 3)))
    found = relinked(problem, start, [option + 2 for option in start.options[:50]])
    assert violations(problem, found) == []
    assert evaluate(problem, found).objective_value == 150
