"""Percentiles by nearest rank, with infinity for what is too long."""

from __future__ import annotations

import math

import pytest
from benchmarks.solve.percentiles import percentile, seconds, share_of
from hypothesis import given
from hypothesis import strategies as st

TIMES = st.lists(st.floats(0, 10) | st.just(math.inf), min_size=1, max_size=30)


@given(TIMES, st.floats(0.01, 1))
def test_the_least_time_that_the_share_keeps(times_s: list[float], share: float) -> None:
    found = percentile(times_s, share)
    assert found in times_s
    assert sum(time_s <= found for time_s in times_s) >= share * len(times_s) - 1e-9
    assert sum(time_s < found for time_s in times_s) < share * len(times_s)


@pytest.mark.parametrize(("times_s", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_what_has_no_percentile(times_s: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile(times_s, share)


def test_words() -> None:
    assert (seconds(math.inf, 2.0), seconds(0.1234, 2.0)) == ("over 2 s", "0.123 s")
    assert share_of(3, 4) == "3 of 4 (75.0%)"
