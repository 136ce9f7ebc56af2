"""A moment after which every search ends with what it has."""

from __future__ import annotations

import math
from time import perf_counter

__all__ = ["NEVER", "Deadline"]


class Deadline:
    """A limit on wall-clock time, looked at between steps that are short.

    Once it has passed it stays so: what a search left out is then left out of all that follows.

    Parameters
    ----------
    limit_s : float
        Seconds from now.
    """

    def __init__(self, limit_s: float) -> None:
        self._ends = perf_counter() + limit_s if limit_s < math.inf else math.inf
        self._passed = False

    @property
    def left_s(self) -> float:
        """Seconds that are left, at least 0."""
        return 0.0 if self._passed else max(self._ends - perf_counter(), 0.0)

    def passed(self) -> bool:
        """Tell whether the moment has come."""
        if not self._passed and self._ends < math.inf:
            self._passed = perf_counter() >= self._ends
        return self._passed


NEVER = Deadline(math.inf)
"""For searches that end by themselves."""
