"""When a search stops."""

from __future__ import annotations

import math
from dataclasses import dataclass

from budgetfit.errors import UsageError

__all__ = ["SearchLimits"]


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """When the search stops.

    Attributes
    ----------
    relative_gap_limit : float
        Stop as soon as the gap is proved to be at most this.
    time_limit_s : float
        Seconds after which the best solution so far is returned with its true gap.
    num_workers : int
        Threads for CP-SAT; with more than one, equal input need not give equal solutions.

    Raises
    ------
    UsageError
        A limit is out of its range.
    """

    relative_gap_limit: float = 0.005
    time_limit_s: float = 2.0
    num_workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.relative_gap_limit < 1:
            raise UsageError(
                f"relative_gap_limit is {self.relative_gap_limit!r}; it must lie in [0, 1)"
            )
        if not 0 < self.time_limit_s < math.inf:
            raise UsageError(f"time_limit_s is {self.time_limit_s!r}; it must be above 0")
        if type(self.num_workers) is not int or self.num_workers < 1:
            raise UsageError(
                f"num_workers is {self.num_workers!r}; it must be a whole number of at least 1"
            )
