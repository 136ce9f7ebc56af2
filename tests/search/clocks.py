"""A clock that a test turns on: work is counted instead of seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from budgetfit.search import deadline


@dataclass
class Clock:
    """How often it was looked at, which is the time that it tells."""

    looks: int = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


@contextmanager
def counting_clock() -> Iterator[Clock]:
    """Let deadlines made inside pass after as many looks as they have seconds."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline, "perf_counter", clock)
        yield clock


@contextmanager
def looks_after_passing() -> Iterator[list[deadline.Deadline]]:
    """Collect a deadline each time it is asked again after it has said that it passed."""
    asked: list[deadline.Deadline] = []
    told: set[int] = set()
    passed = deadline.Deadline.passed

    def noted(self: deadline.Deadline) -> bool:
        over = passed(self)
        if over and id(self) in told:
            asked.append(self)
        if over:
            told.add(id(self))
        return over

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline.Deadline, "passed", noted)
        yield asked
