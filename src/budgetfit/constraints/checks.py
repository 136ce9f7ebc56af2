"""Values of constraints: checked when one is made, and written in messages."""

from __future__ import annotations

import math
from numbers import Integral, Real

from budgetfit.errors import UsageError

__all__ = [
    "check_count",
    "check_interval",
    "check_seconds",
    "frames_of",
    "interval_of",
    "seconds_of",
]


def check_seconds(value: float, what: str, *, least: float = 0.0) -> None:
    """Raise unless ``value`` is a finite number of seconds of at least ``least``.

    Raises
    ------
    UsageError
        It is not.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < least:
        bound = "" if least == -math.inf else f" of at least {least:g}"
        raise UsageError(f"{what} is {value!r}; give a number of seconds{bound}")


def check_interval(start_s: float, end_s: float, what: str) -> None:
    """Raise unless an interval starts at 0 or later and does not end before its start.

    Its end may be ``math.inf``, the end of any video.

    Raises
    ------
    UsageError
        It does not.
    """
    check_seconds(start_s, f"start_s of {what}")
    if end_s != math.inf:
        check_seconds(end_s, f"end_s of {what}")
    if end_s < start_s:
        raise UsageError(
            f"{what} ends at {end_s} s, before its start at {start_s} s; give the earlier first"
        )


def check_count(value: int, what: str, *, least: int = 1) -> None:
    """Raise unless ``value`` is a whole number of at least ``least``.

    Raises
    ------
    UsageError
        It is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise UsageError(f"{what} is {value!r}; it must be a whole number of at least {least}")


def seconds_of(time_s: float) -> str:
    """Return seconds to the millisecond, without zeros at the end.

    >>> seconds_of(12.400000001), seconds_of(3), seconds_of(-0.0001)
    ('12.4', '3', '0')
    """
    return f"{round(time_s, 3) + 0.0:.15g}"


def interval_of(start_s: float, end_s: float) -> str:
    """Return an interval in words.

    >>> interval_of(3, 8.5), interval_of(3, float("inf"))
    ('from 3 to 8.5 s', 'from 3 s on')
    """
    if end_s == math.inf:
        return f"from {seconds_of(start_s)} s on"
    return f"from {seconds_of(start_s)} to {seconds_of(end_s)} s"


def frames_of(number: int) -> str:
    """Return a number of frames in words.

    >>> frames_of(1), frames_of(2)
    ('1 frame', '2 frames')
    """
    return f"{number} frame" if number == 1 else f"{number} frames"
