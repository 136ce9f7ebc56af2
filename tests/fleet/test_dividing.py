"""The division among small problems, against every division there is."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from budgetfit.fleet.curves import Curve
from budgetfit.fleet.dividing import Objective, divide
from budgetfit.fleet.jobs import FleetJob
from budgetfit.fleet.solving import solve_rooms
from budgetfit.problem.problem import Problem, PromptOption
from tests.fleet.test_curves import LIMITS, curve_of
from tests.problem.strategies import optimum, problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
ROOMS = [1, 20, 60, 150]
TINY = 1e-6


def reachable(problem: Problem, curve: Curve) -> dict[int, float]:
    """What each number of tokens can reach, as a share."""
    found: dict[int, float] = {}
    for room in range(1, curve.most + 1):
        best = optimum(replace(problem, max_prompt_tokens=room))
        if best is not None:
            share = float(curve.shares([best])[0])
            if not found or share > max(found.values()):
                found[room] = share
    return found


def best_division(
    reached: list[dict[int, float]], weights: list[float], total: int, objective: Objective
) -> float:
    together = sum if objective == "total" else min
    return max(
        float(together([w * job[b] for w, job, b in zip(weights, reached, tokens, strict=True)]))
        for tokens in itertools.product(*reached)
        if sum(tokens) <= total
    )


@pytest.mark.slow
@settings(max_examples=400 if FULL else 20)
@given(
    st.lists(problems(), min_size=2, max_size=3),
    st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=3, max_size=3),
    st.integers(0, 200),
    st.sampled_from(["total", "worst"]),
)
def test_bound_and_value_enclose_every_division(
    asked: list[Problem], weights: list[float], spare: int, objective: Objective
) -> None:
    made = [(problem, curve_of(problem, ROOMS)) for problem in asked]
    asked = [problem for problem, curve in made if curve.is_solved]
    curves = dict(enumerate(curve for _, curve in made if curve.is_solved))
    assume(asked)
    total = sum(min(curve.num_tokens) for curve in curves.values()) + spare
    weights = weights[: len(asked)] if objective == "total" else [1.0] * len(asked)
    jobs = {i: FleetJob("x.mp4", weight=weight) for i, weight in enumerate(weights)}
    reached = [reachable(problem, curves[i]) for i, problem in enumerate(asked)]
    best = best_division(reached, weights, total, objective)
    gap = 2.0
    for _ in range(30):
        division = divide(jobs, curves, total, objective, 0.0)
        assert division.value <= best + TINY
        assert division.bound >= best - TINY
        assert sum(one.num_tokens for one in division.chosen.values()) <= total
        assert division.gap <= gap + TINY
        gap = division.gap
        if not division.wanted:
            break
        for index, room in division.wanted.items():
            alone = replace(asked[index], max_prompt_tokens=room)
            known = [one.solution for one in curves[index].solved]
            curves[index] = solve_rooms([alone], curves[index], LIMITS, known=known)
    else:
        pytest.fail("rooms were wanted without end")


@settings(max_examples=30 if FULL else 15)
@given(st.lists(problems(), min_size=3, max_size=6), st.integers(0, 200))
def test_a_higher_priority_has_what_it_has_alone(asked: list[Problem], spare: int) -> None:
    made = [curve_of(problem, ROOMS) for problem in asked]
    curves = dict(enumerate(curve for curve in made if curve.is_solved))
    assume(len(curves) > 1)
    cheapest = {i: min(curve.num_tokens) for i, curve in curves.items()}
    total = sum(cheapest.values()) + spare
    jobs = {i: FleetJob("x.mp4", priority=int(i == 0)) for i in curves}
    division = divide(jobs, curves, total, "total", 0.0)
    others = sum(tokens for i, tokens in cheapest.items() if i)
    alone = divide({0: jobs[0]}, {0: curves[0]}, total - others, "total", 0.0)
    assert division.chosen[0] == alone.chosen[0]
    left = total - division.chosen[0].num_tokens
    rest = {i: curve for i, curve in curves.items() if i}
    below = divide({i: jobs[i] for i in rest}, rest, left, "total", 0.0)
    assert division.chosen == alone.chosen | below.chosen
    assert division.bound == pytest.approx(alone.bound + below.bound)


def test_a_weight_counts_as_so_many_videos() -> None:
    problem = two_moments()
    curve = curve_of(problem, [1, 40, 90, 150])
    jobs = {i: FleetJob("x.mp4", weight=w) for i, w in enumerate([5.0, 1.0])}
    total = min(curve.num_tokens) + max(curve.num_tokens)
    division = divide(jobs, {0: curve, 1: curve}, total, "total", 0.0)
    assert division.chosen[0].num_tokens > division.chosen[1].num_tokens


def two_moments() -> Problem:
    return Problem(
        values=np.array([[40, 70, 90, 0, 0, 0], [0, 0, 0, 40, 70, 90]]),
        option_candidate=np.array([0, 0, 0, 1, 1, 1]),
        option_num_tokens=np.array([10, 30, 70, 10, 30, 70]),
        prompt_options=(PromptOption(5, 0),),
        max_prompt_tokens=150,
        max_images=None,
        total_value=200,
    )


def test_nobody_shares_nothing() -> None:
    division = divide({}, {}, 100, "total", 0.0)
    assert (division.value, division.bound, division.gap, division.chosen) == (0, 0, 0, {})
