"""Made-up videos are repeatable and look like analyses."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.solve.shares import PROMPT_NUM_TOKENS
from benchmarks.solve.synthetic import random_walk


@pytest.mark.parametrize("num_candidates", [1, 2, 33, 200])
def test_shares_and_problem(num_candidates: int) -> None:
    shares = random_walk(num_candidates, seed=1)
    (scenes,) = shares.aspects
    assert scenes.similarity.shape == (num_candidates, num_candidates)
    assert (np.diff(scenes.fidelity, axis=1) > 0).all()
    assert scenes.fidelity[:, -1] == pytest.approx(1.0)
    assert scenes.weights.sum() == pytest.approx(1.0)
    problem = shares.problem(3796, 8)
    assert problem.num_candidates == num_candidates
    assert problem.prompt_options[0].num_tokens == PROMPT_NUM_TOKENS


def test_seeds() -> None:
    one, again, other = (random_walk(40, seed).aspects[0].similarity for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_shots_hang_together() -> None:
    """A moment is shown better by its neighbours than by frames of other shots."""
    similarity = random_walk(256, seed=3).aspects[0].similarity
    assert np.median(np.diagonal(similarity, 1)) > 0.9
    assert np.median(similarity) < 0.2
