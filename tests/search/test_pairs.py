"""One or two pictures: the enumeration finds the optimum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.deadline import Deadline
from budgetfit.search.pairs import best_pair
from tests.problem.strategies import optimum, problems
from tests.search.clocks import counting_clock


@given(problems(max_images=st.sampled_from([1, 2])))
def test_equals_brute_force(problem: Problem) -> None:
    best = optimum(problem)
    found = best_pair(problem).solution
    if best is None:
        assert found is None
        return
    assert found is not None
    assert violations(problem, found) == []
    assert evaluate(problem, found).objective_value == best


@given(problems(max_images=st.sampled_from([1, 2])), st.integers(1, 10))
def test_out_of_time_the_bound_holds(problem: Problem, limit: int) -> None:
    with counting_clock():
        found = best_pair(problem, Deadline(float(limit)))
    best = optimum(problem)
    if found.solution is None:
        assert best is None or not found.complete
    else:
        assert violations(problem, found.solution) == []
        assert evaluate(problem, found.solution).objective_value <= found.bound
    if best is not None:
        assert found.bound >= best
        assert not found.complete or found.bound == best
