"""Simple splits keep the total, and synthetic fleets are as large as they say."""

from __future__ import annotations

from benchmarks.fleet import frontiers_like, shares_of
from hypothesis import given
from hypothesis import strategies as st


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.integers(1, 50)), min_size=1, max_size=8),
    st.integers(0, 5000),
)
def test_shares_are_in_proportion_and_fit(asked: list[tuple[float, int]], spare: int) -> None:
    amounts, least = [amount for amount, _ in asked], [tokens for _, tokens in asked]
    total = sum(least) + spare
    shares = shares_of(total, amounts, least)
    assert sum(shares) <= total
    assert all(share >= tokens for share, tokens in zip(shares, least, strict=True))
    above = [
        (share, amount)
        for share, amount, tokens in zip(shares, amounts, least, strict=True)
        if share > tokens
    ]
    for share, amount in above:
        assert abs(share / amount - above[0][0] / above[0][1]) <= 1 / amount + 1 / above[0][1]


def test_synthetic_fleets_have_points_for_each_video() -> None:
    choices = frontiers_like([([10, 20], [0.1, 0.5]), ([30, 90], [0.3, 0.9])], 50)
    assert choices.num_jobs == 50
    assert len(choices.value) == 100
    assert choices.num_tokens.min() >= 5
