"""Costs and slacks of explanations."""

from __future__ import annotations

from pathlib import Path

from benchmarks.explanations import Explained, cost_table, explained, price_table

import budgetfit

RESULTS = [
    Explained("a.mp4", 2, 0.5, 1.0, (0.0, 0.002)),
    Explained("a.mp4", 8, 1.0, 4.0, (0.001, 0.003)),
    Explained("a.mp4", None, 1.0, 6.0, ()),
    Explained("b.mp4", 2, 0.5, 3.0, (-0.01,)),
    Explained("b.mp4", 8, 1.0, 4.0, ()),
    Explained("b.mp4", None, 1.0, 2.0, ()),
]


def test_costs_are_medians_over_clips() -> None:
    assert cost_table(RESULTS).rows[0] == ["at most 2 images", "2", "2.00 s", "3.00 s", "4"]
    assert cost_table(RESULTS).rows[2] == ["no limit", "2", "4.00 s", "6.00 s", "4"]


def test_a_price_that_is_wrong_shows() -> None:
    assert price_table(RESULTS).rows == [
        ["a.mp4", "4", "0.000%", "0.300%"],
        ["b.mp4", "1", "-1.000%", "-1.000%"],
    ]


def test_prices_of_a_real_clip_hold(package_clips: dict[str, Path]) -> None:
    analysis = budgetfit.analyze(package_clips["bikes"], num_candidates=9)
    for limit in (2, 4):
        result = explained("bikes", analysis, limit)
        assert len(result.slacks) == 4
        assert min(result.slacks) >= -1e-9
        assert result.explain_s > 0
