"""One or two pictures: the enumeration finds the optimum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.pairs import best_pair
from tests.problem.strategies import optimum, problems


@given(problems(max_images=st.sampled_from([1, 2])))
def test_equals_brute_force(problem: Problem) -> None:
    best = optimum(problem)
    found = best_pair(problem)
    if best is None:
        assert found is None
        return
    assert found is not None
    assert violations(problem, found) == []
    assert evaluate(problem, found).objective_value == best
