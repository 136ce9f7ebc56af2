"""Other ways to solve the same instances, beside ours."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.solve.greedy_rules import solve_greedily
from benchmarks.solve.highs import solve_with_highs
from benchmarks.solve.naive_cpsat import solve_naively
from benchmarks.solve.ours import solve_ours
from benchmarks.solve.proofs import GAP, OPTIMAL_GAP
from benchmarks.solve.time_ordered import solve_in_time_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.solve.instances import Instance
    from benchmarks.solve.outcome import Outcome

__all__ = [
    "OURS",
    "OURS_LONGER",
    "PROVING",
    "RIVALS",
    "SEED",
    "TIME_LIMIT_S",
    "Match",
    "match",
    "sample",
]

TIME_LIMIT_S = 10.0
SEED = 0

OURS = "ours"
OURS_LONGER = "ours, asked for the optimum"
PROVING = ("naive CP-SAT", "HiGHS")
RIVALS = (*PROVING, "greedy", "in time order")


@dataclass(frozen=True, slots=True)
class Match:
    """All ways on one instance.

    Attributes
    ----------
    instance : Instance
        What was solved.
    outcomes : dict of str to Outcome
        By name: ``OURS`` and each of ``RIVALS``, asked for ``GAP`` where they can prove one, and
        ``OURS_LONGER``, ours asked for ``OPTIMAL_GAP``.
    """

    instance: Instance
    outcomes: dict[str, Outcome]

    @property
    def bound(self) -> int:
        """The least upper bound that any of them proved."""
        return min(o.bound for o in self.outcomes.values() if o.bound is not None)

    @property
    def our_value(self) -> int:
        """What ours found, asked for ``GAP``."""
        value = self.outcomes[OURS].value
        if value is None:
            raise RuntimeError(f"ours found nothing on {self.instance.name}")
        return value

    def value_ratio(self, name: str) -> float | None:
        """Return its value over ours; None where it found nothing."""
        value = self.outcomes[name].value
        if value is None:
            return None
        return value / self.our_value if self.our_value else 1.0

    def time_ratio(self, name: str) -> float:
        """Return its time over ours."""
        return self.outcomes[name].time_s / self.outcomes[OURS].time_s


def sample(instances: Sequence[Instance], size: int) -> list[Instance]:
    """Return ``size`` of ``instances`` drawn with ``SEED``, in their order; all if so few."""
    chosen = random.Random(SEED).sample(range(len(instances)), min(size, len(instances)))
    return [instances[index] for index in sorted(chosen)]


def match(instance: Instance) -> Match:
    """Solve ``instance`` in every way."""
    problem = instance.problem()
    return Match(
        instance,
        {
            OURS: solve_ours(problem, GAP, TIME_LIMIT_S).outcome,
            OURS_LONGER: solve_ours(problem, OPTIMAL_GAP, TIME_LIMIT_S).outcome,
            "naive CP-SAT": solve_naively(problem, GAP, TIME_LIMIT_S),
            "HiGHS": solve_with_highs(problem, GAP, TIME_LIMIT_S),
            "greedy": solve_greedily(problem),
            "in time order": solve_in_time_order(problem),
        },
    )
