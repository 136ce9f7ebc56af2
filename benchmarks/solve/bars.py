"""The bars that the solver is held against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.solve.percentiles import percentile, seconds, share_of
from benchmarks.solve.proofs import GAP, OPTIMAL_TIME_LIMIT_S, TIME_LIMIT_S, WIDE_GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.solve.proofs import Proof

__all__ = ["Bar", "bars"]

MEDIAN_BAR_S = 0.1
P95_BAR_S = 0.5
OPTIMAL_SHARE_BAR = 0.8


@dataclass(frozen=True, slots=True)
class Bar:
    """A demand and whether it holds.

    Attributes
    ----------
    demand : str
        What is asked.
    measured : str
        What was found.
    holds : bool
        Whether that is enough.
    """

    demand: str
    measured: str
    holds: bool


def bars(proofs: Sequence[Proof]) -> list[Bar]:
    """Hold ``proofs`` against the bars."""
    times = [proof.time_s for proof in proofs]
    median, p95 = percentile(times, 0.5), percentile(times, 0.95)
    wide = sum(math.isfinite(proof.wide_time_s) for proof in proofs)
    optimal = sum(math.isfinite(proof.optimal_time_s) for proof in proofs)
    found = [
        Bar(
            f"median time to a proved gap of {GAP:.1%}: {MEDIAN_BAR_S:g} s",
            seconds(median, TIME_LIMIT_S),
            median <= MEDIAN_BAR_S,
        ),
        Bar(
            f"95th percentile of it: {P95_BAR_S:g} s",
            seconds(p95, TIME_LIMIT_S),
            p95 <= P95_BAR_S,
        ),
        Bar(
            f"every instance within {WIDE_GAP:.0%} in {TIME_LIMIT_S:g} s",
            share_of(wide, len(proofs)),
            wide == len(proofs),
        ),
        Bar(
            f"optimal in {OPTIMAL_TIME_LIMIT_S:g} s on at least {OPTIMAL_SHARE_BAR:.0%}",
            share_of(optimal, len(proofs)),
            optimal >= OPTIMAL_SHARE_BAR * len(proofs),
        ),
    ]
    two = [proof.optimal_time_s for proof in proofs if proof.instance.max_images == 2]
    if two:
        all_optimal = all(math.isfinite(time_s) for time_s in two)
        two_median = percentile(two, 0.5)
        found.append(
            Bar(
                f"with at most two images optimal, {MEDIAN_BAR_S:g} s median",
                f"{share_of(sum(map(math.isfinite, two)), len(two))}, median "
                f"{seconds(two_median, OPTIMAL_TIME_LIMIT_S)}",
                all_optimal and two_median <= MEDIAN_BAR_S,
            )
        )
    return found
