"""A video's choice inside a model that is its user's."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from budgetfit.cpsat import FRONTIER_UNIT, add_frontier, add_plan
from budgetfit.errors import UsageError
from budgetfit.problem.problem import Problem
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from tests.problem.strategies import feasible_solutions, optimum, problems


def solved(model: cp_model.CpModel) -> tuple[cp_model.CpSolver, bool]:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}
    return solver, status == cp_model.OPTIMAL


@settings(max_examples=60)
@given(st.lists(problems(), min_size=2, max_size=3), st.integers(0, 120), st.integers(1, 6))
def test_requests_share_what_the_model_gives_them(
    each: list[Problem], tokens: int, images: int
) -> None:
    """The best of all combinations within common tokens and images, as enumeration finds it."""
    model = cp_model.CpModel()
    plans = [add_plan(model, problem, name=f"video {i}") for i, problem in enumerate(each)]
    model.add(sum(plan.num_tokens for plan in plans) <= tokens)
    model.add(sum(plan.num_images for plan in plans) <= images)
    model.maximize(sum(plan.objective for plan in plans))
    best = -1
    worths = [
        [evaluate(problem, solution) for solution in feasible_solutions(problem)]
        for problem in each
    ]
    # Of a request's solutions, only the best of each number of tokens and images can matter.
    for worth in worths:
        worth.sort(key=lambda one: -one.objective_value)
        kept = {(one.num_tokens, one.num_images): one for one in reversed(worth)}
        worth[:] = kept.values()
    for combination in itertools.product(*worths):
        if (
            sum(one.num_tokens for one in combination) <= tokens
            and sum(one.num_images for one in combination) <= images
        ):
            best = max(best, sum(one.objective_value for one in combination))
    solver, found = solved(model)
    event(f"a solution: {found}")
    assert found == (best >= 0)
    if not found:
        return
    assert round(solver.objective_value) == best
    used = []
    for plan, problem in zip(plans, each, strict=True):
        solution = plan.solution(solver)
        assert solution is not None
        assert violations(problem, solution) == []
        worth_of_it = evaluate(problem, solution)
        assert solver.value(plan.num_tokens) == worth_of_it.num_tokens
        assert solver.value(plan.num_images) == worth_of_it.num_images
        assert solver.value(plan.objective) == worth_of_it.objective_value
        assert solver.value(plan.information) == worth_of_it.explained_value
        used.append(worth_of_it.num_tokens)
    assert sum(used) <= tokens


@settings(max_examples=60)
@given(problems(), st.integers(-1500, 1500))
def test_a_request_is_made_where_it_pays(problem: Problem, fee: int) -> None:
    model = cp_model.CpModel()
    present = model.new_bool_var("present")
    plan = add_plan(model, problem, name="video", present=present)
    model.maximize(plan.objective + fee * present)
    best = optimum(problem)
    solver, found = solved(model)
    assert found
    pays = best is not None and best + fee > 0
    if best is None or best + fee != 0:
        assert (plan.solution(solver) is not None) == pays
    assert round(solver.objective_value) == (best + fee if best is not None and pays else 0)
    if plan.solution(solver) is None:
        for expression in (plan.num_tokens, plan.num_images, plan.information, plan.objective):
            assert solver.value(expression) == 0


def test_a_common_level_and_sheets_can_be_absent_too() -> None:
    values = np.array([[5, 9, 5, 9, 4, 4]])
    problem = Problem(
        values=values,
        option_candidate=np.array([0, 0, 1, 1, 2, 2]),
        option_num_tokens=np.array([3, 9, 3, 9, 3, 9]),
        prompt_options=feasible().prompt_options,
        max_prompt_tokens=100,
        max_images=3,
        total_value=9,
        option_level=np.array([0, 1, 0, 1, 0, 1]),
    )
    for value in (0, 1):
        model = cp_model.CpModel()
        present = model.new_bool_var("present")
        plan = add_plan(model, problem, name="video", present=present)
        model.add(present == value)
        solver, found = solved(model)
        assert found
        solution = plan.solution(solver)
        assert (solution is not None) == bool(value)
        if solution is not None:
            assert violations(problem, solution) == []


def feasible() -> Problem:
    from budgetfit.problem.problem import PromptOption

    return Problem(
        values=np.array([[3, 8]]),
        option_candidate=np.array([0, 0]),
        option_num_tokens=np.array([2, 5]),
        prompt_options=(PromptOption(1),),
        max_prompt_tokens=9,
        max_images=None,
        total_value=10,
    )


def test_names_do_not_clash() -> None:
    model = cp_model.CpModel()
    for name in ("a", "b", "a.b"):
        add_plan(model, replace(feasible(), option_level=np.array([0, 1])), name=name)
        add_frontier(model, [Point(3, 1, 0.5)], name=f"frontier {name}")
    names = [variable.name for variable in model.proto.variables]
    assert "" not in names
    assert len(set(names)) == len(names)
    assert not model.proto.has_objective()


@pytest.mark.parametrize("present", [False, None, 1, "yes"])
def test_presence_is_true_or_a_variable(present: Any) -> None:
    model = cp_model.CpModel()
    with pytest.raises(UsageError, match="it must be True or a boolean variable"):
        add_plan(model, feasible(), name="video", present=present)
    with pytest.raises(UsageError, match="it must be True or a boolean variable"):
        add_frontier(model, [Point(3, 1, 0.5)], name="video", present=model.new_int_var(0, 5, "n"))
    with pytest.raises(UsageError, match="there are no plans for 'video'"):
        add_frontier(model, [], name="video")


class Point:
    def __init__(self, num_tokens: int, num_images: int, information: float) -> None:
        self.num_tokens = num_tokens
        self.pictures = tuple(range(num_images))
        self.information = information


POINTS = st.builds(Point, st.integers(1, 50), st.integers(1, 4), st.floats(0, 1))


@settings(max_examples=60)
@given(st.lists(st.lists(POINTS, min_size=1, max_size=4), min_size=1, max_size=3), st.data())
def test_the_best_points_are_chosen(frontiers: list[list[Point]], data: st.DataObject) -> None:
    tokens = data.draw(st.integers(0, 120))
    model = cp_model.CpModel()
    present = [model.new_bool_var(f"is {i}") for i in range(len(frontiers))]
    choices = [
        add_frontier(model, points, name=f"video {i}", present=present[i])
        for i, points in enumerate(frontiers)
    ]
    model.add(sum(choice.num_tokens for choice in choices) <= tokens)
    model.maximize(sum(choice.information for choice in choices))
    best = 0
    for combination in itertools.product(*([None, *points] for points in frontiers)):
        chosen = [point for point in combination if point is not None]
        if sum(point.num_tokens for point in chosen) <= tokens:
            worth = sum(round(point.information * FRONTIER_UNIT) for point in chosen)
            best = max(best, worth)
    solver, found = solved(model)
    assert found
    assert round(solver.objective_value) == best
    plans = [choice.plan(solver) for choice in choices]
    assert sum(plan.num_tokens for plan in plans if plan is not None) <= tokens
    for choice, plan, here in zip(choices, plans, present, strict=True):
        assert (plan is not None) == bool(solver.value(here))
        assert solver.value(choice.num_images) == (0 if plan is None else len(plan.pictures))


def test_what_is_fixed_in_the_model_is_fixed_in_the_plan() -> None:
    model = cp_model.CpModel()
    plan = add_plan(model, feasible(), name="video")
    model.add(plan.num_tokens <= 5)
    model.maximize(plan.information)
    solver, _ = solved(model)
    assert plan.solution(solver) == Solution((0,), 0)
