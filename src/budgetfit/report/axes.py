"""Where the numbers along an axis stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from budgetfit.render import words

__all__ = ["Tick", "time_ticks"]

# Seconds between two ticks that people read at once.
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MAX_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A number at an axis.

    Attributes
    ----------
    at : float
        Where, as a share of the axis.
    label : str
        The number.
    """

    at: float
    label: str


def time_ticks(start_s: float, end_s: float) -> tuple[Tick, ...]:
    """Return at most ``_MAX_TICKS`` ticks from ``start_s`` to ``end_s`` seconds."""
    length_s = end_s - start_s
    step_s = next((s for s in _STEPS_S if length_s / s < _MAX_TICKS), length_s)
    first = math.ceil(start_s / step_s - 1e-9)
    last = math.floor(end_s / step_s + 1e-9)
    times_s = [number * step_s for number in range(first, last + 1)]
    return tuple(
        Tick(min(1.0, max(0.0, (time_s - start_s) / length_s)), _label(time_s))
        for time_s in times_s
    )


def _label(time_s: float) -> str:
    """Return a round time without zeros behind the point.

    >>> _label(2.0), _label(0.5), _label(90.0)
    ('2 s', '0.5 s', '1:30')
    """
    if time_s < 59.95:
        return f"{time_s:.1f}".removesuffix(".0") + " s"
    return words.time(time_s).removesuffix(".00")
