"""Similarity is explained variance: 1 for itself, 0 for what says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.information.similarity import (
    THUMBNAIL_SIDE,
    moment_weights,
    similarity,
    thumbnail,
    thumbnail_shape,
)


def by_definition(thumbnails: np.ndarray) -> np.ndarray:
    """The formula in two plain loops; frames with next to no detail are left to another test."""
    count = len(thumbnails)
    found = np.ones((count, count))
    for t in range(count):
        detail = ((thumbnails[t] - thumbnails[t].mean()) ** 2).sum()
        for i in range(count):
            if i != t:
                lost = ((thumbnails[t] - thumbnails[i]) ** 2).sum()
                found[t, i] = max(0.0, 1.0 - lost / detail)
    return found


@given(st.integers(1, 8), st.integers(20, 200), st.integers(0, 2**32 - 1))
def test_equals_the_definition(frames: int, pixels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.uniform(0, 255, pixels)
    thumbnails = base + rng.normal(0, 30, (frames, pixels))
    assert similarity(thumbnails) == pytest.approx(by_definition(thumbnails), abs=1e-9)


def test_a_blank_moment_is_explained_by_itself_and_another_blank() -> None:
    black, black_too = np.full(100, 16.0), np.full(100, 16.4)
    scene = np.linspace(0, 255, 100)
    found = similarity(np.stack([black, black_too, scene]))
    assert found[0, 0] == 1
    assert found[0, 1] > 0.9
    assert found[0, 2] == 0
    assert found[2, 0] == 0


def test_a_thumbnail_is_the_mean_of_its_cells() -> None:
    luma = np.repeat(np.repeat(np.arange(12, dtype=np.uint8).reshape(3, 4), 50, 0), 50, 1)
    assert thumbnail(luma, (3, 4)) == pytest.approx(np.arange(12.0))
    noise = np.random.default_rng(0).integers(0, 256, (721, 1283), dtype=np.uint8)
    shape = thumbnail_shape(*noise.shape)
    assert max(shape) == THUMBNAIL_SIDE
    assert thumbnail(noise, shape).mean() == pytest.approx(noise.mean(), abs=0.5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (16384, 3), (30, 40), (48, 48)])
def test_thumbnails_are_never_larger_than_the_frame(size: tuple[int, int]) -> None:
    rows, columns = thumbnail_shape(*size)
    assert 1 <= rows <= min(size[0], THUMBNAIL_SIDE)
    assert 1 <= columns <= min(size[1], THUMBNAIL_SIDE)
    luma = np.full(size, 77, np.uint8)
    assert thumbnail(luma, (rows, columns)) == pytest.approx(np.full(rows * columns, 77.0))


def test_weights_are_time_without_blank_frames() -> None:
    weights = moment_weights([1.0, 2.0, 5.0], [40.0, 30.0, 0.3])
    assert weights == pytest.approx([1 / 3, 2 / 3, 0.0])
    assert not moment_weights([1.0, 2.0], [0.0, 0.1]).any()
