"""The bound is never below what it bounds, whatever the multipliers, and rules nothing good out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Multipliers,
    cannot_reach,
    lagrangian_bound,
)
from tests.problem.strategies import feasible_solutions, problems


@st.composite
def multipliers(draw: st.DrawFn, problem: Problem) -> Multipliers:
    """Any moment and token prices from 0, any image price, any number of images that can be."""
    count = problem.num_moments
    moment = draw(st.lists(st.integers(0, 1200), min_size=count, max_size=count))
    return Multipliers(
        moment=np.array(moment, dtype=np.int64),
        token=draw(st.integers(0, 60 * FIXED_POINT)),
        counts=np.array(
            draw(
                st.lists(
                    st.just(0) | st.integers(-900 * FIXED_POINT, 900 * FIXED_POINT),
                    min_size=1 + len(problem.rules),
                    max_size=1 + len(problem.rules),
                )
            ),
            dtype=np.int64,
        ),
        min_images=draw(st.integers(0, problem.image_limit)),
    )


@given(st.data())
def test_any_multipliers_bound_every_solution(data: st.DataObject) -> None:
    problem = data.draw(problems())
    prices = data.draw(multipliers(problem))
    bound = lagrangian_bound(problem, prices)
    for solution in feasible_solutions(problem):
        if len(solution.options) >= prices.min_images:
            assert evaluate(problem, solution).objective_value <= bound


@given(st.data())
def test_a_ruled_out_option_is_in_no_solution_as_good(data: st.DataObject) -> None:
    problem = data.draw(problems())
    prices = data.draw(multipliers(problem))
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    target = evaluate(problem, data.draw(st.sampled_from(solutions))).objective_value
    out = set(np.flatnonzero(cannot_reach(problem, prices, target)).tolist())
    for solution in solutions:
        many = len(solution.options) >= prices.min_images
        if many and evaluate(problem, solution).objective_value >= target:
            assert out.isdisjoint(solution.options)


@given(problems(), st.integers(0, 3))
def test_the_search_returns_certified_bounds(problem: Problem, min_images: int) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions or min_images > problem.image_limit:
        return
    worth = {s: evaluate(problem, s).objective_value for s in solutions}
    best = max(worth, key=lambda s: worth[s])
    search = DualSearch(problem, best, min_images)
    search.run(60, target=worth[best], stop_at=0)
    prices = search.best_multipliers()
    assert (prices.moment >= 0).all()
    assert prices.token >= 0
    least = [min_images, *(rule.minimum for rule in problem.rules)]
    assert all(p >= 0 or low > 0 for p, low in zip(prices.counts, least, strict=True))
    bound = lagrangian_bound(problem, prices)
    assert all(worth[s] <= bound for s in solutions if len(s.options) >= min_images)


def test_the_search_closes_the_gap_of_a_problem_without_one() -> None:
    """Disjoint moments and room for everything: the linear relaxation is the optimum."""
    problem = Problem(
        values=np.diag([50_000, 30_000, 20_000]),
        option_candidate=np.arange(3),
        option_num_tokens=np.array([5, 5, 5]),
        prompt_options=(PromptOption(1),),
        max_prompt_tokens=16,
        max_images=None,
        total_value=100_000,
    )
    search = DualSearch(problem, Solution((0, 1, 2)))
    search.run(300, target=100_000, stop_at=100_000)
    assert 100_000 <= lagrangian_bound(problem, search.best_multipliers()) <= 100_100
