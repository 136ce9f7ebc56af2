"""Moments are one random time of each equal part, and blank ones weigh nothing."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.information.moments import is_blank, jittered_times, weights_of
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image


@given(st.floats(0.1, 1e4), st.integers(1, 64), st.integers(0, 2**32))
def test_each_part_has_one_moment(duration_s: float, number: int, seed: int) -> None:
    times_s = jittered_times(duration_s, number, seed)
    edges = np.arange(number + 1) * (duration_s / number)
    assert ((edges[:-1] <= times_s) & (times_s <= edges[1:])).all()


def test_seeds_give_moments() -> None:
    assert (jittered_times(10, 8, 1) == jittered_times(10, 8, 1)).all()
    assert (jittered_times(10, 8, 1) != jittered_times(10, 8, 2)).all()


def test_blank_moments_weigh_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    coding_noise = (16 + noise % 3).astype(np.uint8)
    blank = [Image.new("RGB", (64, 48), "white"), Image.fromarray(coding_noise)]
    assert all(is_blank(image) for image in blank)
    weights = weights_of([*blank, Image.fromarray(noise), Image.fromarray(noise // 4)])
    assert weights.tolist() == [0, 0, 0.5, 0.5]
    assert weights_of(blank).sum() == pytest.approx(0)
