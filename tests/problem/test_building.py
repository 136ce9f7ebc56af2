"""Shares become integers without leaving [0, total_value]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from budgetfit.errors import UsageError
from budgetfit.problem.aspects import Aspect
from budgetfit.problem.building import VALUE_SCALE, build_problem
from budgetfit.problem.problem import PromptOption

RNG = np.random.default_rng(5)
SIMILARITY = RNG.random((4, 3))
FIDELITY = np.sort(RNG.random((3, 2)), axis=1)
WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
SCENE = Aspect("scene", SIMILARITY, FIDELITY, WEIGHTS)
LIMITS: dict[str, Any] = {
    "prompt_options": [PromptOption(7)],
    "max_prompt_tokens": 100,
    "max_images": 2,
}


def test_values_are_products() -> None:
    problem = build_problem([SCENE], np.array([10, 20]), **LIMITS)
    expected = WEIGHTS[:, None] * SIMILARITY[:, [0, 0, 1, 1, 2, 2]] * FIDELITY.ravel()
    assert np.abs(problem.values / VALUE_SCALE - expected).max() < 2 / VALUE_SCALE
    assert problem.option_candidate.tolist() == [0, 0, 1, 1, 2, 2]
    assert problem.option_num_tokens.tolist() == [10, 20] * 3
    assert VALUE_SCALE - 4 <= problem.total_value <= VALUE_SCALE


def test_levels_that_a_candidate_lacks_are_left_out() -> None:
    tokens = np.array([[10, 20], [0, 20], [10, 0]])
    problem = build_problem([SCENE], tokens, **LIMITS)
    assert problem.option_candidate.tolist() == [0, 0, 1, 2]
    assert problem.option_num_tokens.tolist() == [10, 20, 20, 10]


def test_nothing_to_explain() -> None:
    problem = build_problem(
        [Aspect("scene", SIMILARITY, FIDELITY, np.zeros(4))], np.array([10, 20]), **LIMITS
    )
    assert problem.total_value == 0
    assert not problem.values.any()


def test_the_moments_of_aspects_come_one_after_the_other() -> None:
    text = Aspect("text", SIMILARITY[:2], FIDELITY**3, np.array([0.2, 0.0]))
    scene = Aspect("scene", SIMILARITY, FIDELITY, 0.8 * WEIGHTS)
    problem = build_problem([scene, text], np.array([10, 20]), **LIMITS)
    alone = [build_problem([one], np.array([10, 20]), **LIMITS) for one in (scene, text)]
    assert problem.values.tolist() == [row for one in alone for row in one.values.tolist()]
    assert problem.total_value == sum(one.total_value for one in alone)


def test_aspects_with_other_options_are_refused() -> None:
    text = Aspect("text", SIMILARITY[:2], FIDELITY[:, :1], np.array([0.2, 0.0]))
    with pytest.raises(UsageError, match="all aspects need the same options"):
        build_problem([SCENE, text], np.array([10, 20]), **LIMITS)
    tiles = Aspect("text", SIMILARITY, FIDELITY, WEIGHTS, tile_fidelity=FIDELITY)
    with pytest.raises(UsageError, match="all aspects need the same options"):
        build_problem([SCENE, tiles], np.array([10, 20]), **LIMITS)
