"""A deadline passes once and for all."""

from __future__ import annotations

import math

from budgetfit.search.deadline import NEVER, Deadline
from tests.search.clocks import counting_clock


def test_it_passes_when_its_time_has_come_and_stays_so() -> None:
    with counting_clock() as clock:
        deadline = Deadline(3.0)
        assert [deadline.passed() for _ in range(5)] == [False, False, True, True, True]
        assert deadline.left_s == 0.0
        clock.looks = 0
        assert deadline.passed()
        assert Deadline(3.0).left_s == 2.0


def test_never_is_never() -> None:
    assert not NEVER.passed()
    assert math.isinf(NEVER.left_s)
