"""Each further row is the one that adds most to the volume."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.information.rules.max_volume import largest_volume


def log_volume(points: np.ndarray, chosen: list[int]) -> float:
    sign, value = np.linalg.slogdet(points[chosen] @ points[chosen].T)
    return float(value) if sign > 0 else -np.inf


@pytest.mark.parametrize("seed", range(20))
def test_every_step_is_the_greedy_one(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(9, 6))
    order = largest_volume(points, 5)
    for step in range(5):
        taken = order[:step]
        rest = [row for row in range(9) if row not in taken]
        best = max(rest, key=lambda row: log_volume(points, [*taken, row]))
        assert order[step] == best


def test_what_is_expressed_already_is_not_taken() -> None:
    points = np.array([[3.0, 0, 0], [0, 2, 0], [1.5, 1, 0], [3, 0, 0]])
    assert sorted(largest_volume(points, 4)) in ([0, 1], [1, 3])
    assert largest_volume(np.zeros((3, 4)), 2) == largest_volume(np.zeros((3, 4)), 1)
