"""The knapsack inside a problem is solved exactly, and its bound is never below a solution."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.knapsack import Knapsack
from budgetfit.search.knapsack_dual import KnapsackDual
from budgetfit.search.lagrangian import lagrangian_bound
from tests.problem.strategies import feasible_solutions, problems


@st.composite
def priced(draw: st.DrawFn) -> tuple[Problem, np.ndarray]:
    """A problem in which an empty request fits, and what each option is worth."""
    problem = draw(problems(with_rules=False))
    least = min(prompt.num_tokens for prompt in problem.prompt_options)
    if problem.max_prompt_tokens < least:
        problem = replace(problem, max_prompt_tokens=least)
    count = problem.num_options
    worth = draw(st.lists(st.integers(-50, 1000), min_size=count, max_size=count))
    return problem, np.array(worth, dtype=np.int64)


def totals(problem: Problem, worth: np.ndarray) -> dict[tuple[int, ...], int]:
    """Every choice that fits, with the best text beside it: its worth."""
    by_candidate: list[list[int | None]] = [[None] for _ in range(problem.num_candidates)]
    for option, candidate in enumerate(problem.option_candidate.tolist()):
        by_candidate[candidate].append(option)
    found: dict[tuple[int, ...], int] = {}
    for choice in itertools.product(*by_candidate):
        options = tuple(option for option in choice if option is not None)
        used = int(problem.option_num_tokens[list(options)].sum())
        texts = [
            prompt.value
            for prompt in problem.prompt_options
            if used + prompt.num_tokens <= problem.max_prompt_tokens
        ]
        if texts:
            found[options] = int(worth[list(options)].sum()) + max(texts)
    return found


@given(priced())
def test_equals_enumeration(problem_and_worth: tuple[Problem, np.ndarray]) -> None:
    problem, worth = problem_and_worth
    every = totals(problem, worth)
    knapsack = Knapsack(problem)
    assert knapsack.value(worth) == max(every.values())
    best, chosen = knapsack.solve(worth.astype(np.float64))
    assert best == max(every.values()) == every[tuple(sorted(chosen))]
    with_each = knapsack.with_each(worth)
    for option in range(problem.num_options):
        containing = [value for options, value in every.items() if option in options]
        if containing:
            assert with_each[option] == max(containing)
        else:
            assert with_each[option] < min(every.values())


@given(problems(), st.integers(0, 2), st.integers(0, 3), st.integers(0, 100))
def test_bounds_are_never_below_a_solution(
    problem: Problem, min_images: int, rounds: int, percentile: int
) -> None:
    solutions = [s for s in feasible_solutions(problem) if len(s.options) >= min_images]
    if not solutions:
        return
    dual = DualSearch(problem, solutions[0], min_images)
    dual.run(5, 0, 0)
    knapsack = KnapsackDual(problem, dual.best_multipliers())
    for _ in range(rounds):
        knapsack.run(0, 0)
    worth = [evaluate(problem, solution).objective_value for solution in solutions]
    assert knapsack.bound() >= max(worth)
    goal = int(np.percentile(worth, percentile))
    out = knapsack.cannot_reach(goal)
    for solution, value in zip(solutions, worth, strict=True):
        if value >= goal:
            assert not out[list(solution.options)].any()


@given(problems(), st.integers(0, 3), st.integers(0, 110))
def test_every_solution_above_a_goal_is_found(
    problem: Problem, rounds: int, percentile: int
) -> None:
    if problem.option_level is not None:
        return
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    dual = DualSearch(problem, solutions[0])
    dual.run(5, 0, 0)
    knapsack = KnapsackDual(problem, dual.best_multipliers())
    for _ in range(rounds):
        knapsack.run(0, 0)
    worth = [evaluate(problem, solution).objective_value for solution in solutions]
    goal = int(max(worth) * percentile / 100)
    found = knapsack.enumerated(problem, goal)
    assert found.complete
    if goal > max(worth):
        assert found.solution is None
    else:
        assert found.solution is not None
        assert violations(problem, found.solution) == []
        assert evaluate(problem, found.solution).objective_value == max(worth)


@given(problems())
def test_keeping_the_budget_whole_is_no_looser(problem: Problem) -> None:
    """At equal prices of moments and counts, whatever a token costs in the other bound."""
    solution = next(feasible_solutions(problem), None)
    if solution is None:
        return
    dual = DualSearch(problem, solution)
    dual.run(20, 0, 0)
    prices = dual.best_multipliers()
    # Rounding the counts' prices to whole values costs at most half a value an image.
    rounding = problem.num_candidates * (1 + len(problem.rules))
    assert KnapsackDual(problem, prices).bound() <= lagrangian_bound(problem, prices) + rounding
