"""What is said to be proved is rounded to the safe side; examples in the documentation hold."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.explain import saying
from budgetfit.explain.saying import at_least, at_most, share, stretches

# What a ratio of integers may be off as a decimal.
ROUNDING = 1e-8


def value_of(said: str) -> float:
    """Return the share that is said."""
    return 0.0 if said == "under 0.01%" else float(said.removesuffix("%")) / 100


def test_the_examples_hold() -> None:
    outcome = doctest.testmod(saying)
    assert outcome.attempted >= 8
    assert outcome.failed == 0


@given(st.floats(0, 2))
def test_bounds_are_rounded_to_the_safe_side(value: float) -> None:
    assert value_of(at_least(value)) <= value + ROUNDING
    assert value_of(at_most(value)) >= value - ROUNDING
    for said in (at_least(value), at_most(value), share(value)):
        assert abs(value_of(said) - value) <= max(0.0001, 0.1 * value) + ROUNDING


@given(st.integers(1, 10))
def test_of_many_stretches_the_longest_are_named_in_their_order(number: int) -> None:
    intervals = [(10.0 * start, 10.0 * start + 1 + start % 3) for start in range(number)]
    said = stretches(intervals)
    named = [f"{start:g} to {end:g} s" for start, end in intervals]
    shown = [one for one in named if one in said]
    assert len(shown) == min(number, 4)
    assert [said.index(one) for one in shown] == sorted(said.index(one) for one in shown)
    assert ("shorter" in said) is (number > 4)
