"""Numbers of an explanation in words."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "at_least",
    "at_most",
    "counted",
    "difference",
    "listed",
    "plain",
    "seconds",
    "share",
    "stretches",
]

# Stretches of time that are named one by one.
_MAX_STRETCHES = 4

# What a ratio of integers may be off as a decimal.
_ROUNDING = 1e-9


def share(value: float) -> str:
    """Return a share of the whole as per cent, with two digits that count.

    >>> share(0.5384), share(0.0123), share(0.00264), share(0.00002), share(0.0)
    ('53.8%', '1.2%', '0.26%', 'under 0.01%', '0%')
    """
    size = abs(value)
    if size == 0:
        return "0%"
    if size < 0.00005:
        return "under 0.01%"
    return f"{size:.2%}" if size < 0.00995 else f"{size:.1%}"


def at_most(value: float) -> str:
    """Return a share of at least 0, rounded up: what is said to be proved must be.

    >>> at_most(0.00121), at_most(0.0121), at_most(0.00002), at_most(0.0)
    ('0.13%', '1.3%', '0.01%', '0%')
    """
    scale = 10**4 if value < 0.0099 else 10**3
    return share(math.ceil(value * scale - _ROUNDING) / scale)


def at_least(value: float) -> str:
    """Return a share of at least 0, rounded down: what is said to be proved must be.

    >>> at_least(0.00129), at_least(0.0129), at_least(0.00009)
    ('0.12%', '1.2%', '0%')
    """
    scale = 10**4 if value < 0.01 else 10**3
    return share(math.floor(value * scale + _ROUNDING) / scale)


def difference(loss: float) -> str:
    """Return how much less, or more, there is.

    >>> difference(0.012), difference(-0.0005), difference(0.0)
    ('1.2% less', '0.05% more', 'as much')
    """
    if loss == 0:
        return "as much"
    return f"{share(loss)} {'less' if loss > 0 else 'more'}"


def seconds(time_s: float) -> str:
    """Return a time in seconds, to the hundredth.

    >>> seconds(12.4), seconds(0.625), seconds(70)
    ('12.4 s', '0.62 s', '70 s')
    """
    return f"{_number(time_s)} s"


def stretches(intervals: Sequence[tuple[float, float]]) -> str:
    """Return stretches of time in words, the longest by name.

    >>> stretches([(0.0, 1.25), (3.0, 4.0)])
    '0 to 1.25 s and 3 to 4 s'
    """
    longest = sorted(intervals, key=lambda one: one[0] - one[1])[:_MAX_STRETCHES]
    named = [f"{_number(start)} to {seconds(end)}" for start, end in sorted(longest)]
    left = len(intervals) - len(named)
    if left:
        named.append(f"{left} shorter ones" if left > 1 else "a shorter one")
    return listed(named)


def counted(number: int, noun: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "token"), counted(2, "token")
    ('1 token', '2 tokens')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Return words with commas and an "and".

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def plain(record: object) -> object:
    """Return a dataclass as what JSON can hold."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        fields = dataclasses.fields(record)
        return {field.name: plain(getattr(record, field.name)) for field in fields}
    if isinstance(record, tuple | list):
        return [plain(one) for one in record]
    return record


def _number(time_s: float) -> str:
    return f"{round(time_s, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
