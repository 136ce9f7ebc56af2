"""Numbers in words."""

from __future__ import annotations

import math

__all__ = ["percent_up"]

# What a ratio of integers may be off as a decimal.
_ROUNDING = 1e-9


def percent_up(share: float) -> str:
    """Return a share as per cent, rounded up: what is said to be proved must be.

    >>> percent_up(0.8321), percent_up(0.832), percent_up(1.0)
    ('83.3%', '83.2%', '100.0%')
    """
    return f"{math.ceil(share * 1000 - _ROUNDING) / 1000:.1%}"
