"""Farthest-first takes what is farthest, and is at most twice as far as the best choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from benchmarks.information.rules.k_centre import farthest_first


def radius(points: np.ndarray, chosen: list[int]) -> float:
    distance = np.linalg.norm(points[:, None] - points[None, chosen], axis=2)
    return float(distance.min(axis=1).max())


@pytest.mark.parametrize("seed", range(20))
def test_radius_is_at_most_twice_the_best(seed: int) -> None:
    points = np.random.default_rng(seed).random((10, 3))
    order = farthest_first(points, 4)
    for number in range(2, 5):
        best = min(radius(points, list(c)) for c in combinations(range(10), number))
        assert radius(points, order[:number]) <= 2 * best + 1e-12


def test_order_on_a_line() -> None:
    points = np.array([[0.0], [4.0], [5.0], [10.0], [10.0]])
    # The mean is 5.8; 10 is as far from 5 as 0 is, and the earlier row is taken.
    assert farthest_first(points, 5) == [2, 0, 3, 1]


def test_equal_frames_are_one() -> None:
    assert farthest_first(np.ones((6, 2)), 4) == [0]
