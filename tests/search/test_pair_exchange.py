"""Exchanging pairs only improves, and reaches what single exchanges cannot."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import preference
from budgetfit.search.exchange import exchange
from budgetfit.search.pair_exchange import exchange_pairs
from tests.problem.strategies import feasible_solutions, problems


@given(problems(), st.data())
def test_no_pair_of_a_few_pictures_can_be_bettered(problem: Problem, data: st.DataObject) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    start = data.draw(st.sampled_from(solutions))
    found = exchange_pairs(problem, start)
    assert violations(problem, found) == []
    assert preference(problem, found) <= preference(problem, start)
    reached = evaluate(problem, found).objective_value
    for other in solutions:
        removed = set(found.options) - set(other.options)
        added = set(other.options) - set(found.options)
        if len(removed) == 2 and len(added) <= 2:
            assert evaluate(problem, other).objective_value <= reached


def test_a_trade_that_needs_both() -> None:
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
    assert exchange_pairs(problem, stuck) == Solution((1, 2))
    assert exchange_pairs(problem, stuck, enough=7) == stuck
    assert exchange_pairs(problem, stuck, enough=8) == Solution((1, 2))
