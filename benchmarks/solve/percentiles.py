"""Times of which some are only known to be too long: their percentiles, and their words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["percentile", "seconds", "share_of"]


def percentile(times_s: Collection[float], share: float) -> float:
    """Return the least of ``times_s`` that at least ``share`` of them do not exceed.

    Nearest rank, so that infinity may stand for "not within the limit".

    Raises
    ------
    ValueError
        There are no times, or ``share`` is not in (0, 1].
    """
    if not times_s or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(times_s)} times")
    return sorted(times_s)[math.ceil(share * len(times_s)) - 1]


def seconds(time_s: float, limit_s: float) -> str:
    """Return a time in words, with infinity as more than ``limit_s``."""
    return f"over {limit_s:g} s" if math.isinf(time_s) else f"{time_s:.3f} s"


def share_of(number: int, of: int) -> str:
    """Return how many of how many, and the share."""
    return f"{number} of {of} ({number / of:.1%})"
