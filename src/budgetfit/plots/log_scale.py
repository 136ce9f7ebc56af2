"""Tokens in powers of ten and shares of a video, in inches of Axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.explain.frontier import Frontier

__all__ = ["HIGH", "LOW", "LogScale"]

# So that nothing lies on the edges.
LOW, HIGH = -0.02, 1.07
"""Shares of the video at the lower and the upper end of y."""


@dataclass(frozen=True, slots=True)
class LogScale:
    """From tokens and shares to inches.

    Attributes
    ----------
    low, high : float
        Tokens at both ends of x.
    width, height : float
        Inches of the Axes.
    """

    low: float
    high: float
    width: float
    height: float

    @classmethod
    def of(cls, frontier: Frontier, size: tuple[float, float], free: float) -> LogScale:
        """Return the scale that leaves ``free`` inches at the right."""
        tokens = [point.num_tokens for curve in frontier.curves for point in curve.points]
        tokens += [mark.num_tokens for mark in frontier.marks]
        first, last = math.log10(min(tokens)), math.log10(max(tokens, default=1))
        span = max(last - first, 0.3)
        free = min(free, 0.6 * size[0])
        per_inch = span / max(size[0] - free - 0.15, 0.2 * size[0])
        return cls(10 ** (first - 0.15 * per_inch), 10 ** (last + free * per_inch), *size)

    def inches(self, num_tokens: float, share: float) -> tuple[float, float]:
        """Return where this many tokens show this share, in inches."""
        low, high = math.log10(self.low), math.log10(self.high)
        x = (math.log10(num_tokens) - low) / (high - low) * self.width
        return x, (share - LOW) / (HIGH - LOW) * self.height

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the tokens and the share at these inches."""
        low, high = math.log10(self.low), math.log10(self.high)
        return 10 ** (low + x / self.width * (high - low)), LOW + y / self.height * (HIGH - LOW)
