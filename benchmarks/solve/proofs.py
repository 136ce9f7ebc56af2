"""How long our proofs take on an instance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.solve.ours import solve_ours

if TYPE_CHECKING:
    from benchmarks.solve.instances import Instance
    from benchmarks.solve.outcome import Outcome

__all__ = [
    "GAP",
    "OPTIMAL_GAP",
    "OPTIMAL_TIME_LIMIT_S",
    "TIME_LIMIT_S",
    "WIDE_GAP",
    "Proof",
    "prove",
]

GAP = 0.005
"""The planner's default."""

WIDE_GAP = 0.01

TIME_LIMIT_S = 2.0
"""The planner's default."""

OPTIMAL_GAP = 1e-4
OPTIMAL_TIME_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Proof:
    """The times of one instance's proofs.

    Attributes
    ----------
    instance : Instance
        What was solved.
    time_s, wide_time_s : float
        Seconds to a proved gap of ``GAP`` and of ``WIDE_GAP``; infinite where ``TIME_LIMIT_S`` did
        not suffice.
    optimal_time_s : float
        Seconds to a proved gap of ``OPTIMAL_GAP``; infinite where ``OPTIMAL_TIME_LIMIT_S`` did not
        suffice.
    gap : float
        Proved gap when it was asked for ``GAP`` within ``TIME_LIMIT_S``.
    spent_s : float
        Seconds after which it came back with that.
    optimal_gap : float
        Proved gap when it was asked for ``OPTIMAL_GAP`` within ``OPTIMAL_TIME_LIMIT_S``.
    proved_by : str
        Whose bound the gap is to.
    """

    instance: Instance
    time_s: float
    wide_time_s: float
    optimal_time_s: float
    gap: float
    spent_s: float
    optimal_gap: float
    proved_by: str


def prove(instance: Instance) -> Proof:
    """Time the proofs of ``instance``, one run each; a run that proves more counts for less too."""
    problem = instance.problem()
    solved = solve_ours(problem, GAP, TIME_LIMIT_S)
    first = wide = best = solved.outcome
    if math.isinf(_time_to(WIDE_GAP, first, TIME_LIMIT_S)):
        wide = solve_ours(problem, WIDE_GAP, TIME_LIMIT_S).outcome
    if first.gap > OPTIMAL_GAP:
        best = solve_ours(problem, OPTIMAL_GAP, OPTIMAL_TIME_LIMIT_S).outcome
    return Proof(
        instance=instance,
        time_s=_time_to(GAP, first, TIME_LIMIT_S),
        wide_time_s=_time_to(WIDE_GAP, wide, TIME_LIMIT_S),
        optimal_time_s=_time_to(OPTIMAL_GAP, best, OPTIMAL_TIME_LIMIT_S),
        gap=first.gap,
        spent_s=first.time_s,
        optimal_gap=best.gap,
        proved_by=solved.proved_by,
    )


def _time_to(gap: float, outcome: Outcome, time_limit_s: float) -> float:
    return outcome.time_s if outcome.gap <= gap and outcome.time_s <= time_limit_s else math.inf
