"""Scores are the weighted mean of the best picture, and comparisons keep to cells that both fit."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.information.scores import Cell, headroom_closed, score, standing, with_hindsight
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

SHARES = arrays(np.float64, (5, 4), elements=st.floats(0, 1))


def cell(**scores: float) -> Cell:
    return Cell("clip", 800, 2, scores, dict.fromkeys(scores, 1))


@given(SHARES)
def test_score_is_the_mean_of_the_best(shares: np.ndarray) -> None:
    weights = np.array([0.5, 0.0, 0.25, 0.25, 0.0])
    expected = sum(w * max(row) for w, row in zip(weights, shares.tolist(), strict=True))
    assert score(shares, weights) == pytest.approx(expected)


@given(SHARES)
def test_another_picture_never_lowers_the_score(shares: np.ndarray) -> None:
    weights = np.full(5, 0.2)
    assert score(shares[:, :3], weights) <= score(shares, weights)


def test_standing_leaves_out_cells_where_one_does_not_fit() -> None:
    cells = [cell(a=0.5, b=0.4), cell(a=0.9), cell(b=0.9), cell(a=0.2, b=0.4), cell(a=0.3, b=0.3)]
    found = standing(cells, "a", "b")
    assert found is not None
    assert (found.num_cells, found.num_lost) == (3, 1)
    assert found.mean == pytest.approx(1.0 / 3)
    assert found.difference == pytest.approx(-0.1 / 3)
    assert found.worst == pytest.approx(-0.2)
    assert found.best == pytest.approx(0.1)
    assert standing(cells, "a", "c") is None


def test_headroom_is_summed_over_cells() -> None:
    cells = [cell(a=0.5, b=0.4, top=0.6), cell(a=0.1, b=0.2, top=0.6), cell(a=0.7, b=0.7, top=0.7)]
    assert headroom_closed(cells, "a", "b", "top") == pytest.approx(0.0, abs=1e-12)
    assert headroom_closed(cells[:1], "a", "b", "top") == pytest.approx(0.5)
    assert headroom_closed(cells, "top", "b", "top") == pytest.approx(1.0)
    assert headroom_closed(cells[2:], "a", "b", "top") is None


def test_hindsight_prefers_fewer_frames_where_scores_are_equal() -> None:
    assert with_hindsight({1: 0.2, 4: 0.6, 8: 0.6}, {1: 1, 4: 3, 8: 8}) == (0.6, 3)
    assert with_hindsight({}, {}) is None
