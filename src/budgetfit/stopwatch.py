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
        Seconds of each stage, and of the whole under ``"total"`` once stopped.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.timings: dict[str, float] = {"import": 0.0, "analyze": 0.0, "solve": 0.0, "total": 0.0}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to ``stage``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] += time.perf_counter() - began

    def stop(self) -> None:
        """Set ``"total"`` to the time since the stopwatch was made."""
        self.timings["total"] = time.perf_counter() - self._began
