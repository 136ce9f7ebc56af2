"""Clips that many tests look at, looked at once: that takes most of such a test's time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import budgetfit

__all__ = ["looked_at"]


@cache
def looked_at(clip: Path, num_candidates: int | None = None) -> budgetfit.VideoAnalysis:
    """Return what was seen of ``clip``, for all tests in this process."""
    return budgetfit.analyze(clip, num_candidates=num_candidates)
