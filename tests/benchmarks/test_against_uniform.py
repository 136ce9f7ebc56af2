"""The comparison is of the planner's own plans, and its rivals are what they are said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.against_uniform import clip_table, compare, problem_of
from benchmarks.looking import Look, look
from benchmarks.rivals import first_two_small, first_two_unscaled, spread_small, uniform

import budgetfit
from budgetfit.profiles import get_profile
from budgetfit.tokens.tokenizer import RequestTokenizer

PROFILE = get_profile("pixtral-12b")


@pytest.fixture(scope="module")
def tokenizer() -> RequestTokenizer:
    return RequestTokenizer(PROFILE)


@pytest.fixture(scope="module")
def bikes(package_clips: dict[str, Path]) -> Look:
    return look(package_clips["bikes"], PROFILE)


def test_the_first_frame_is_the_first_candidate(bikes: Look) -> None:
    scenes = bikes.first_two["scene"]
    assert scenes.shape == (len(bikes.analysis.pts), 2)
    similarity = bikes.analysis.aspects[0].similarity
    np.testing.assert_allclose(scenes[:, 0], similarity[:, 0], atol=1e-9)
    # The second frame is another one, a twenty-fifth of a second later.
    assert 0.5 < scenes[0, 1] < 1


@pytest.mark.parametrize(("room", "max_images"), [(800, 2), (3796, 8)])
def test_compared_plans_are_the_planners(
    package_clips: dict[str, Path],
    bikes: Look,
    tokenizer: RequestTokenizer,
    room: int,
    max_images: int,
) -> None:
    cell = compare(bikes, tokenizer, room, max_images)
    plan = budgetfit.plan(
        package_clips["bikes"], max_model_len=room + 300, max_tokens=300, max_images=max_images
    )
    assert (plan.information, plan.num_tokens) == (cell.result.information, cell.num_tokens)
    assert cell.lead >= 0
    assert len(clip_table("bikes", [cell]).columns) == len(clip_table("bikes", [cell]).rows[0])


def test_first_two_unscaled_cost_what_cosmos_sends(
    bikes: Look, tokenizer: RequestTokenizer
) -> None:
    rival = first_two_unscaled(bikes, problem_of(bikes, tokenizer, 800, 2), PROFILE)
    assert [(grid.columns, grid.rows) for grid in rival.pictures] == [(40, 17)] * 2
    assert (rival.num_tokens, rival.fits) == (2 * 17 * 41 + 7, False)
    assert first_two_unscaled(bikes, problem_of(bikes, tokenizer, 1401, 2), PROFILE).fits


def test_small_frames_show_less(bikes: Look, tokenizer: RequestTokenizer) -> None:
    problem = problem_of(bikes, tokenizer, 3796, 2)
    unscaled = first_two_unscaled(bikes, problem, PROFILE).information
    small = first_two_small(bikes, problem)
    assert 0 < small.information < unscaled
    assert small.pictures == spread_small(bikes, problem).pictures


def test_uniform_keeps_the_limits(bikes: Look, tokenizer: RequestTokenizer) -> None:
    problem = problem_of(bikes, tokenizer, 1200, 8)
    rival = uniform(bikes, problem, 4)
    assert rival is not None
    assert len(rival.pictures) == 4
    assert rival.num_tokens == sum(grid.num_tokens for grid in rival.pictures) + 7 <= 1200
    assert uniform(bikes, problem, 16) is None
