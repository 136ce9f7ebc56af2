"""The first judge says 1 of the same picture, less of a smaller one, nothing of another scene."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks.information.deep_features import DeepFeatures, SeenMoments, Strictness, input_size
from benchmarks.information.footage import Footage
from PIL import Image, ImageChops


def test_explained_share_is_that_of_variance() -> None:
    moments = np.array([[[0.0, 2.0]], [[1.0, 1.0]]], dtype=np.float32)
    seen = SeenMoments(moments)
    assert seen.explained_by(np.array([[0, 2]], dtype=np.float32)).tolist() == [1.0, 0.0]
    # The mean explains nothing, and what is farther away than the mean no less than nothing.
    assert seen.explained_by(np.array([[1, 1]], dtype=np.float32)).tolist() == [0.0, 0.0]
    assert seen.explained_by(np.array([[5, 5]], dtype=np.float32)).tolist() == [0.0, 0.0]
    assert seen.explained_by(np.array([[0, 1]], dtype=np.float32)).tolist() == [0.5, 0.0]


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (448, 256)), ((720, 1280), (256, 448)), ((64, 64), (448, 448))],
)
def test_input_keeps_the_shape(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert input_size(*size) == expected


@pytest.fixture(scope="module")
def scenes(package_clips: dict[str, Path]) -> list[Image.Image]:
    """Return two moments of different scenes."""
    with Footage(package_clips["bikes"]) as footage:
        return footage.full_size(footage.pts_at([0.5, 9.5]))


@pytest.mark.judge
@pytest.mark.parametrize("strictness", Strictness)
def test_judge_of_real_scenes(scenes: list[Image.Image], strictness: Strictness) -> None:
    judge = DeepFeatures(*input_size(*scenes[0].size))
    width, height = scenes[0].size
    smaller = [
        scenes[0].resize((round(width * s), round(height * s)), Image.Resampling.LANCZOS)
        for s in (0.75, 0.5, 0.3, 0.15)
    ]
    pictures = [scenes[0], *smaller, scenes[1], Image.new("RGB", scenes[0].size)]
    seen = SeenMoments(judge.of(scenes)[strictness])
    shares = [float(seen.explained_by(features)[0]) for features in judge.of(pictures)[strictness]]
    assert shares[0] == pytest.approx(1.0, abs=1e-4)
    falling = shares[:5]
    assert all(larger > less for larger, less in pairwise(falling))
    assert falling[1] > 0.95
    assert 0.2 < falling[-1] < 0.8
    another_scene, black = shares[5:]
    assert another_scene < 0.15
    assert black < 0.05


@pytest.mark.judge
def test_a_movement_is_a_smaller_loss_to_the_lenient(scenes: list[Image.Image]) -> None:
    judge = DeepFeatures(*input_size(*scenes[0].size))
    moved = ImageChops.offset(scenes[0], scenes[0].width // 60, 0)
    moments, pictures = judge.of(scenes[:1]), judge.of([moved])
    shares = {s: SeenMoments(moments[s]).explained_by(pictures[s][0])[0] for s in Strictness}
    assert shares[Strictness.STRICT] < shares[Strictness.LENIENT] < 1


@pytest.mark.judge
def test_features_do_not_depend_on_the_batch(scenes: list[Image.Image]) -> None:
    judge = DeepFeatures(*input_size(*scenes[0].size))
    alone = judge.of(scenes[:1])
    among = judge.of([scenes[1]] * 9 + [scenes[0]])
    for strictness in Strictness:
        np.testing.assert_allclose(among[strictness][9], alone[strictness][0], atol=1e-3)
