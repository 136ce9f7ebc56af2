"""From a posed problem, by a solver of one's own, to a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from ortools.sat.python import cp_model

import budgetfit
from budgetfit.constraints import SameSize
from budgetfit.cpsat import add_plan
from budgetfit.errors import UsageError
from budgetfit.problem.solution import Solution


@pytest.fixture(scope="module")
def few(package_clips: dict[str, Path]) -> list[budgetfit.VideoAnalysis]:
    return [
        budgetfit.analyze(package_clips[name], num_candidates=3)
        for name in ("bikes", "bigbuckbunny")
    ]


def test_two_videos_in_one_model(few: list[budgetfit.VideoAnalysis]) -> None:
    """They share tokens as a plan of each with its share would use them."""
    posed = [budgetfit.pose(analysis, "Describe.", max_images=2) for analysis in few]
    model = cp_model.CpModel()
    choices = [add_plan(model, one.problem, name=f"video {i}") for i, one in enumerate(posed)]
    model.add(sum(choice.num_tokens for choice in choices) <= 1500)
    model.maximize(sum(choice.information for choice in choices))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.relative_gap_limit = 0.001
    solver.parameters.max_deterministic_time = 60
    assert solver.solve(model) in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    plans = []
    for one, choice in zip(posed, choices, strict=True):
        solution = choice.solution(solver)
        assert solution is not None
        plans.append(one.plan(solution))
    assert sum(plan.num_tokens for plan in plans) <= 1500
    for plan, choice, analysis in zip(plans, choices, few, strict=True):
        assert plan.num_tokens == solver.value(choice.num_tokens) == len(plan.prompt_token_ids())
        share = solver.value(choice.information) / choice.problem.total_value
        assert plan.information == pytest.approx(share)
        alone = budgetfit.plan(
            analysis, "Describe.", max_images=2, max_model_len=plan.num_tokens + 300
        )
        assert alone.information == pytest.approx(plan.information, abs=0.002)
        assert plan.information <= plan.best_bound
        assert [image.size for image in plan.images()] == [
            (frame.width, frame.height) for frame in plan.frames
        ]


def test_the_solvers_solution_is_the_plan(few: list[budgetfit.VideoAnalysis]) -> None:
    plan = budgetfit.plan(few[0], "Describe.", constraints=[SameSize()], max_images=2)
    posed = budgetfit.pose(few[0], "Describe.", constraints=[SameSize()], max_images=2)
    assert plan.made_from is not None
    again = posed.plan(plan.made_from.solution)
    assert (again.frames, again.num_tokens, again.information, again.best_bound) == (
        plan.frames,
        plan.num_tokens,
        plan.information,
        plan.best_bound,
    )
    assert f"{posed.problem.num_options} options" in repr(posed)
    assert len(posed.choice.candidate) == posed.problem.num_options


def test_what_cannot_be_posed(few: list[budgetfit.VideoAnalysis]) -> None:
    with pytest.raises(UsageError, match="add constraints to your own model"):
        budgetfit.pose(few[0], customize=lambda model: None)
    with pytest.raises(UsageError, match="nothing of a plan is called 'max_frames'; give one of"):
        budgetfit.pose(few[0], max_frames=3)  # type: ignore[call-arg]
    posed = budgetfit.pose(few[0], max_images=1)
    with pytest.raises(UsageError, match="this is no solution of the problem: no picture"):
        posed.plan(Solution(()))
