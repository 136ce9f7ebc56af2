"""Shares become integers without leaving [0, total_value]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from budgetfit.errors import UsageError
from budgetfit.problem.building import VALUE_SCALE, build_problem
from budgetfit.problem.problem import PromptOption

RNG = np.random.default_rng(5)
SIMILARITY = RNG.random((4, 3))
FIDELITY = np.sort(RNG.random((3, 2)), axis=1)
WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])
LIMITS: dict[str, Any] = {
    "prompt_options": [PromptOption(7)],
    "max_prompt_tokens": 100,
    "max_images": 2,
}


def test_values_are_products() -> None:
    problem = build_problem(SIMILARITY, FIDELITY, WEIGHTS, np.array([10, 20]), **LIMITS)
    expected = WEIGHTS[:, None] * SIMILARITY[:, [0, 0, 1, 1, 2, 2]] * FIDELITY.ravel()
    assert np.abs(problem.values / VALUE_SCALE - expected).max() < 2 / VALUE_SCALE
    assert problem.option_candidate.tolist() == [0, 0, 1, 1, 2, 2]
    assert problem.option_num_tokens.tolist() == [10, 20] * 3
    assert VALUE_SCALE - 4 <= problem.total_value <= VALUE_SCALE


def test_levels_that_a_candidate_lacks_are_left_out() -> None:
    tokens = np.array([[10, 20], [0, 20], [10, 0]])
    problem = build_problem(SIMILARITY, FIDELITY, WEIGHTS, tokens, **LIMITS)
    assert problem.option_candidate.tolist() == [0, 0, 1, 2]
    assert problem.option_num_tokens.tolist() == [10, 20, 20, 10]


def test_nothing_to_explain() -> None:
    problem = build_problem(SIMILARITY, FIDELITY, np.zeros(4), np.array([10, 20]), **LIMITS)
    assert problem.total_value == 0
    assert not problem.values.any()


def test_shares_outside_the_unit_interval_are_refused() -> None:
    with pytest.raises(UsageError, match="similarity must lie in"):
        build_problem(SIMILARITY * 3, FIDELITY, WEIGHTS, np.array([10, 20]), **LIMITS)
    with pytest.raises(UsageError, match="fidelity must lie in"):
        build_problem(SIMILARITY, -FIDELITY, WEIGHTS, np.array([10, 20]), **LIMITS)
    with pytest.raises(UsageError, match=r"it must be \(3, 3\)"):
        build_problem(SIMILARITY, FIDELITY, WEIGHTS[:3], np.array([10, 20]), **LIMITS)
