"""The ceiling is the best selection there is, and no rule's selection is above it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from benchmarks.information.ceiling import ceiling
from benchmarks.information.limits import PROMPT_NUM_TOKENS, Limits
from benchmarks.information.pictures import Picture
from benchmarks.information.scores import score

PICTURES = [Picture(pts, width, 16) for pts in range(5) for width in (16, 32)]
NUM_TOKENS = [10 if picture.width == 16 else 18 for picture in PICTURES]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("limits", [Limits(PROMPT_NUM_TOKENS + 47, None), Limits(100, 3)])
def test_ceiling_is_the_best_of_all(seed: int, limits: Limits) -> None:
    shares = np.random.default_rng(seed).random((6, len(PICTURES)))
    weights = np.full(6, 1 / 6)
    scores = {
        chosen: score(shares[:, chosen], weights)
        for number in range(1, 6)
        for chosen in combinations(range(len(PICTURES)), number)
        if len({PICTURES[index].pts for index in chosen}) == number
        and sum(NUM_TOKENS[index] for index in chosen) <= limits.max_picture_tokens
        and limits.allow(number)
    }
    best = max(scores, key=lambda chosen: scores[chosen])
    start = [PICTURES[index] for index in best]
    found = ceiling(PICTURES, NUM_TOKENS, shares, weights, limits, [start, PICTURES])
    assert found.score == pytest.approx(scores[best], abs=1e-6)
    assert found.best_bound >= scores[best] - 1e-6
    assert set(found.pictures) <= set(PICTURES)
