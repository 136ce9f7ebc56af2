"""Similarity is explained luma and edges: 1 for itself, 0 for what says nothing."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from budgetfit.information.similarity import (
    _CELL,
    _LUMA_SCALE,
    _NOISE,
    THUMBNAIL_SIDE,
    descriptor,
    deviation,
    is_blank,
    moment_weights,
    similarity,
    thumbnail,
    thumbnail_shape,
)

Luma = npt.NDArray[np.uint8]


def by_definition(descriptors: np.ndarray) -> np.ndarray:
    """The formula in two plain loops; frames with next to no detail are left to another test."""
    count = len(descriptors)
    found = np.ones((count, count))
    for t in range(count):
        detail = ((descriptors[t] - descriptors[t].mean(axis=0)) ** 2).sum()
        for i in range(count):
            if i != t:
                lost = ((descriptors[t] - descriptors[i]) ** 2).sum()
                found[t, i] = max(0.0, 1.0 - lost / detail) ** 2
    return found


@given(st.integers(1, 8), st.integers(5, 50), st.integers(0, 2**32 - 1))
def test_equals_the_definition(frames: int, cells: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.uniform(0, 5, (cells, 5))
    descriptors = base + rng.normal(0, 0.5, (frames, cells, 5))
    assert similarity(descriptors) == pytest.approx(by_definition(descriptors), abs=1e-9)


def described(*lumas: np.ndarray) -> np.ndarray:
    return np.stack([descriptor(thumbnail(luma, thumbnail_shape(*luma.shape))) for luma in lumas])


def scene(seed: int) -> Luma:
    """Boxes of any grey, with edges in both directions."""
    rng = np.random.default_rng(seed)
    luma = np.full((180, 320), 90, np.uint8)
    for _ in range(40):
        top, left = rng.integers(0, 150), rng.integers(0, 280)
        luma[top : top + rng.integers(5, 60), left : left + rng.integers(5, 90)] = rng.integers(256)
    return luma


def test_a_descriptor_holds_luma_and_the_directions_of_edges() -> None:
    stripes = np.zeros((84, 84), np.float64)
    stripes[:, ::7], stripes[:, 1::7] = 175.0, 175.0
    cells = descriptor(stripes)
    assert cells.shape == (144, 5)
    luma, right, below, _, _ = cells[:-12].T
    assert luma == pytest.approx(np.full(132, 1.0))
    # There is not a single edge downwards.
    assert below == pytest.approx(np.full(132, 0.0))
    assert (right > 0.5).all()
    assert descriptor(stripes.T)[:, 2].max() > 1


def test_texture_counts_beside_a_strong_edge() -> None:
    """One edge, and fine stripes with the same mean difference of neighbours."""
    edge, texture = np.zeros((7, 7)), np.zeros((7, 7))
    edge[:, 3:] = 180.0
    texture[:, ::2] = 30.0
    differences = [np.abs(np.diff(one, axis=1)).mean() for one in (edge, texture)]
    assert differences[0] == pytest.approx(differences[1])
    (of_edge,), (of_texture,) = descriptor(edge), descriptor(texture)
    assert of_texture[1] > 3 * of_edge[1]


def test_the_same_and_another_scene() -> None:
    found = similarity(described(scene(0), scene(0) // 4 * 3 + 20, scene(1)))
    assert found[0, 1] > 0.6
    assert found[0, 2] < 0.1


def test_a_small_movement_is_nearly_the_same() -> None:
    """A fifth of a cell: 5 of 320 pixels."""
    moved = np.roll(scene(3), 5, axis=1)
    found = similarity(described(scene(3), moved, np.roll(scene(3), 120, axis=1)))
    assert found[0, 1] > 0.5
    assert found[0, 2] < 0.1


def test_a_blank_moment_is_explained_by_itself_and_another_blank() -> None:
    black, black_too = np.full((90, 160), 16, np.uint8), np.full((90, 160), 17, np.uint8)
    found = similarity(described(black, black_too, scene(0)[:90, :160]))
    assert found[0, 0] == 1
    assert found[0, 1] > 0.1
    assert found[0, 2] == 0
    assert found[2, 0] == 0


def test_a_thumbnail_is_the_mean_of_its_cells() -> None:
    luma = np.repeat(np.repeat(np.arange(12, dtype=np.uint8).reshape(3, 4), 50, 0), 50, 1)
    assert thumbnail(luma, (3, 4)) == pytest.approx(np.arange(12.0).reshape(3, 4))
    noise = np.random.default_rng(0).integers(0, 256, (721, 1283), dtype=np.uint8)
    shape = thumbnail_shape(*noise.shape)
    assert max(shape) == THUMBNAIL_SIDE
    assert thumbnail(noise, shape).mean() == pytest.approx(noise.mean(), abs=0.5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (16384, 3), (30, 40), (96, 96)])
def test_thumbnails_are_never_larger_than_the_frame(size: tuple[int, int]) -> None:
    rows, columns = thumbnail_shape(*size)
    assert 1 <= rows <= min(size[0], THUMBNAIL_SIDE)
    assert 1 <= columns <= min(size[1], THUMBNAIL_SIDE)
    luma = np.full(size, 77, np.uint8)
    assert thumbnail(luma, (rows, columns)) == pytest.approx(np.full((rows, columns), 77.0))


def test_weights_are_time_without_blank_frames() -> None:
    weights = moment_weights([1.0, 2.0, 5.0], [False, False, True])
    assert weights == pytest.approx([1 / 3, 2 / 3, 0.0])
    assert not moment_weights([1.0, 2.0], [True, True]).any()


@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_the_deviation_is_that_of_every_other_pixel(luma: Luma) -> None:
    assert deviation(luma) == pytest.approx(statistics.pstdev(luma[::2, ::2].ravel().tolist()))


@pytest.mark.parametrize("amplitude", [0, 1, 2, 3, 5, 10])
@pytest.mark.parametrize("period", [3, 5, 40, 100])
def test_blank_is_what_deviates_by_little(amplitude: int, period: int) -> None:
    ramp = np.arange(160) % period < period // 2
    luma = np.full((90, 160), 100, np.uint8) + np.where(ramp, amplitude, 0).astype(np.uint8)
    small = thumbnail(luma, thumbnail_shape(*luma.shape))
    assert is_blank(luma, small) == (statistics.pstdev(luma[::2, ::2].ravel().tolist()) < 1.5)


@settings(deadline=None, max_examples=30)
@given(arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30))))
def test_a_descriptor_is_what_its_definition_says(small: Luma) -> None:
    def pixel(row: int, column: int) -> float:
        return float(small[min(row, rows - 1), min(column, columns - 1)])

    def bounds(side: int) -> list[int]:
        number = max(1, round(side / _CELL))
        return [int(side * cell / number) for cell in range(number + 1)]

    rows, columns = small.shape
    expected = [
        np.mean(
            [
                [
                    _LUMA_SCALE * pixel(y, x),
                    *(
                        math.log(1 + abs(pixel(*end) - pixel(*start)) / _NOISE)
                        for start, end in (
                            ((y, x), (y, x + 1)),
                            ((y, x), (y + 1, x)),
                            ((y, x), (y + 1, x + 1)),
                            ((y, x + 1), (y + 1, x)),
                        )
                    ),
                ]
                for y in range(top, bottom)
                for x in range(left, right)
            ],
            axis=0,
        )
        for top, bottom in pairwise(bounds(rows))
        for left, right in pairwise(bounds(columns))
    ]
    assert descriptor(small.astype(float)) == pytest.approx(np.array(expected))
