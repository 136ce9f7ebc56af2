"""Dynamic programming over tokens equals enumeration."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.fleet.tables import best_by_tokens
from tests.fleet.fleets import Jobs, best_and_least, fleets


@given(fleets(), st.integers(0, 200))
def test_tables_equal_brute_force(jobs: Jobs, room: int) -> None:
    best = best_and_least(jobs, room)
    if best is None:
        return
    found = best_by_tokens([(np.array(t), np.array(v)) for t, v in jobs], room)
    picked = list(zip(jobs, found, strict=True))
    assert sum(tokens[point] for (tokens, _), point in picked) <= room
    assert sum(values[point] for (_, values), point in picked) == best[0]
