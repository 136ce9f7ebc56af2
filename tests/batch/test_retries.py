"""Only what may pass is asked again, after waits that grow, and as long as a server asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit import Retries
from budgetfit.batch.retries import checked_retries
from budgetfit.errors import EngineError, EngineUnavailableError, UsageError, VideoError


@given(
    most=st.integers(0, 2000),
    first_s=st.floats(0, 10),
    longest_s=st.floats(0, 100),
    attempts=st.integers(1, 2000),
    asked_s=st.none() | st.floats(0, 1000),
)
def test_waits_grow_up_to_a_bound_and_keep_what_the_server_asks(
    most: int, first_s: float, longest_s: float, attempts: int, asked_s: float | None
) -> None:
    retries = Retries(most, first_s, longest_s)
    wait_s = retries.wait_s(EngineUnavailableError("away", retry_after_s=asked_s), attempts)
    if attempts > most:
        assert wait_s is None
        return
    whole_s = min(longest_s, first_s * 2.0 ** min(attempts - 1, 64))
    least_s = max(whole_s / 2, asked_s or 0.0)
    assert wait_s is not None
    assert least_s <= wait_s <= max(whole_s, asked_s or 0.0)


@pytest.mark.parametrize("error", [EngineError("no"), VideoError("no"), ValueError("no")])
def test_what_does_not_pass_is_not_asked_again(error: Exception) -> None:
    assert Retries().wait_s(error, 1) is None


@pytest.mark.parametrize(
    "wrong", [{"most": -1}, {"most": True}, {"first_s": -1}, {"longest_s": float("inf")}]
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Retries(**wrong)
    with pytest.raises(UsageError):
        checked_retries("3")  # type: ignore[arg-type]
