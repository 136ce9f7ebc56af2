"""Alternatives differ as much as is said, and are the best that do."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import budgetfit
from budgetfit.cpsat.plan_model import PlanModel
from budgetfit.errors import UsageError
from budgetfit.explain.alternatives import alternatives, different
from budgetfit.plans import Plan
from budgetfit.problem.problem import Problem
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate
from budgetfit.search_limits import SearchLimits
from budgetfit.solver import solve
from tests.problem.strategies import feasible_solutions, problems

EXACT = SearchLimits(relative_gap_limit=0.0, time_limit_s=20.0)


def num_new(times_s: list[float], earlier_s: list[float], away_s: float) -> int:
    """Frames farther than ``away_s`` from every earlier one."""
    return sum(min(abs(time_s - other) for other in earlier_s) > away_s for time_s in times_s)


@settings(max_examples=60)
@given(problems(), st.integers(1, 2), st.integers(0, 3))
def test_they_equal_brute_force(problem: Problem, new: int, away_s: int) -> None:
    solutions = list(feasible_solutions(problem))
    if not solutions:
        return
    times_s = problem.option_candidate.astype(float)

    def of(solution: Solution) -> list[float]:
        return [float(time_s) for time_s in times_s[list(solution.options)]]

    def worth(solution: Solution) -> int:
        return evaluate(problem, solution).objective_value

    earlier = [max(solutions, key=worth)]
    found = different(
        problem,
        times_s,
        earlier[0],
        lambda changed: solve(changed, EXACT),
        min_new_frames=new,
        min_difference_s=away_s,
    )
    for _, result in itertools.islice(found, 3):
        assert all(num_new(of(result.solution), of(e), away_s) >= new for e in earlier)
        differing = [
            s for s in solutions if all(num_new(of(s), of(e), away_s) >= new for e in earlier)
        ]
        assert worth(result.solution) == max(map(worth, differing))
        assert result.gap == 0
        earlier.append(result.solution)
    if len(earlier) < 4:
        assert not any(
            all(num_new(of(s), of(e), away_s) >= new for e in earlier) for s in solutions
        )


def times_of(plan: Plan) -> list[float]:
    return [frame.time_s for frame in plan.frames]


def at_least_two(model: PlanModel) -> None:
    model.model.add(model.num_images >= 2)


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_images": 2},
        {"max_model_len": 1500},
        {"montage": True, "max_images": 2},
        {"max_images": 3, "customize": at_least_two},
    ],
    ids=", ".join,
)
def test_on_a_real_clip(original_clips: dict[str, Path], arguments: dict[str, Any]) -> None:
    plan = budgetfit.plan(original_clips["bigbuckbunny"], **arguments)
    found = alternatives(plan, 2, min_difference_s=0.3, relative_gap_limit=0.01)
    assert len(found) == 2
    earlier = [plan]
    for other in found:
        assert other.limits == plan.limits
        assert other.num_tokens <= plan.limits.max_prompt_tokens
        assert other.information <= plan.best_bound
        for before in earlier:
            new = num_new(times_of(other), times_of(before), 0.3)
            assert new >= math.ceil(len(plan.frames) / 2)
        earlier.append(other)


def test_fewer_come_back_where_no_more_differ(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=1)
    length_s = plan.video.duration_s
    assert alternatives(plan, 3, min_difference_s=length_s) == ()
    few = alternatives(plan, 50, min_difference_s=length_s / 5)
    assert 1 <= len(few) < 6
    assert alternatives(plan, 0) == ()


def test_what_cannot_be_asked_is_refused(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=1)
    wrong: list[tuple[str, Any]] = [
        ("n", -1),
        ("n", 1.5),
        ("min_new_frames", 0),
        ("min_difference_s", -1.0),
        ("min_difference_s", np.nan),
    ]
    for name, value in wrong:
        with pytest.raises(UsageError, match=f"{name} is"):
            alternatives(plan, **{"n": 1, name: value})
