"""The text that tells a model when a picture is shown."""

from __future__ import annotations

__all__ = ["tenths", "time_label"]


def time_label(time_s: float) -> str:
    """Return the text sent right before a picture, or drawn above a tile: its time to a tenth.

    Pictures less than a tenth of a second apart may have equal labels.

    >>> time_label(12.4), time_label(83.25), time_label(-0.02)
    ('[12.4 s]', '[83.2 s]', '[0.0 s]')
    """
    return f"[{tenths(time_s)} s]"


def tenths(time_s: float) -> str:
    """Return a time in seconds, to a tenth, without the unit.

    >>> tenths(12.44), tenths(-0.02)
    ('12.4', '0.0')
    """
    # Adding 0.0 makes a negative zero positive.
    return f"{round(time_s, 1) + 0.0:.1f}"
