"""Shares are shares, and tiles are chosen by kind."""

from __future__ import annotations

import numpy as np
import pytest

from budgetfit.errors import UsageError
from budgetfit.problem.aspects import Aspect

RNG = np.random.default_rng(5)
SIMILARITY = RNG.random((4, 3))
FIDELITY = np.sort(RNG.random((3, 2)), axis=1)
WEIGHTS = np.array([0.1, 0.2, 0.3, 0.4])


def test_shares_outside_the_unit_interval_are_refused() -> None:
    with pytest.raises(UsageError, match="similarity must lie in"):
        Aspect("scene", SIMILARITY * 3, FIDELITY, WEIGHTS)
    with pytest.raises(UsageError, match="fidelity must lie in"):
        Aspect("scene", SIMILARITY, -FIDELITY, WEIGHTS)
    with pytest.raises(UsageError, match="tile_fidelity must lie in"):
        Aspect("scene", SIMILARITY, FIDELITY, WEIGHTS, tile_fidelity=2 * FIDELITY + 1)
    with pytest.raises(UsageError, match=r"it must be \(3, 3\)"):
        Aspect("scene", SIMILARITY, FIDELITY, WEIGHTS[:3])


def test_tiles_are_chosen_by_kind() -> None:
    tiles = RNG.random((3, 5))
    aspect = Aspect("scene", SIMILARITY, FIDELITY, WEIGHTS, tile_fidelity=tiles)
    chosen = aspect.with_tiles([3, 1]).tile_fidelity
    assert chosen is not None
    assert chosen.tolist() == tiles[:, [3, 1]].tolist()
    assert aspect.with_tiles([]).tile_fidelity is None
    assert Aspect("scene", SIMILARITY, FIDELITY, WEIGHTS).with_tiles([0]).tile_fidelity is None
