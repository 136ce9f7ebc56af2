"""Where the seconds went."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stopwatch"]


class Stopwatch:
    """Adds up the wall-clock seconds of named stages.

    Attributes
    ----------
    timings : dict of str to float
        Seconds of each stage.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.timings: dict[str, float] = {"import": 0.0, "analyze": 0.0, "solve": 0.0}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to ``stage``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] += time.perf_counter() - began

    @property
    def total_s(self) -> float:
        """Seconds since the stopwatch was made."""
        return time.perf_counter() - self._began
