"""The bound is never below the optimum, whatever the multipliers, and rules nothing good out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.validator import evaluate
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Multipliers,
    cannot_improve,
    lagrangian_bound,
    minimize_bound,
)
from tests.problem.strategies import feasible_solutions, optimum, problems


@st.composite
def multipliers(draw: st.DrawFn, num_moments: int) -> Multipliers:
    price = st.integers(0, 60 * FIXED_POINT)
    moment = draw(st.lists(st.integers(0, 1200), min_size=num_moments, max_size=num_moments))
    return Multipliers(np.array(moment, dtype=np.int64), draw(price), draw(price))


@given(st.data())
def test_any_multipliers_bound_every_solution(data: st.DataObject) -> None:
    problem = data.draw(problems())
    prices = data.draw(multipliers(problem.num_moments))
    bound = lagrangian_bound(problem, prices)
    for solution in feasible_solutions(problem):
        assert evaluate(problem, solution).objective_value <= bound


@given(st.data())
def test_a_ruled_out_option_is_in_no_solution_as_good(data: st.DataObject) -> None:
    problem = data.draw(problems())
    prices = data.draw(multipliers(problem.num_moments))
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    target = evaluate(problem, data.draw(st.sampled_from(solutions))).objective_value
    out = set(np.flatnonzero(cannot_improve(problem, prices, target)).tolist())
    for solution in solutions:
        if evaluate(problem, solution).objective_value >= target:
            assert out.isdisjoint(solution.options)


@given(problems())
def test_the_search_returns_certified_bounds(problem: Problem) -> None:
    best = optimum(problem)
    if best is None:
        return
    bound = minimize_bound(problem, best, num_steps=60)
    assert bound.value >= best
    for prices in (bound.multipliers, *bound.trail):
        assert (prices.moment >= 0).all()
        assert min(prices.token, prices.image) >= 0
        assert lagrangian_bound(problem, prices) >= best
    assert lagrangian_bound(problem, bound.multipliers) == bound.value


def test_the_search_closes_the_gap_of_a_problem_without_one() -> None:
    """Disjoint moments and room for everything: the linear relaxation is the optimum."""
    values = np.diag([50_000, 30_000, 20_000])
    problem = Problem(
        values=values,
        option_candidate=np.arange(3),
        option_num_tokens=np.array([5, 5, 5]),
        prompt_options=(PromptOption(1),),
        max_prompt_tokens=16,
        max_images=None,
        total_value=100_000,
    )
    bound = minimize_bound(problem, 100_000)
    assert 100_000 <= bound.value <= 100_100
