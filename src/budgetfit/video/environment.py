"""Whole numbers that a program, the command line and workers are told alike, by variables."""

from __future__ import annotations

import os

from budgetfit.errors import UsageError

__all__ = ["DECODER_THREADS", "num_decoder_threads", "variable", "whole_number"]

DECODER_THREADS = "decoder_threads"


def variable(name: str) -> str:
    """Return the environment variable for a setting, as ``BUDGETFIT_MAX_PIXELS``."""
    return f"BUDGETFIT_{name.upper()}"


def whole_number(name: str, default: int) -> int:
    """Return what the environment says of a setting.

    Raises
    ------
    UsageError
        The variable is no whole number of at least 1.
    """
    text = os.environ.get(variable(name), "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:20]) < 2**63):
        raise UsageError(
            f"the environment variable {variable(name)} is {text[:40]!r}; "
            "it must be a whole number of at least 1"
        )
    return int(text)


def num_decoder_threads() -> int:
    """Return how many threads a decoder may start: ``BUDGETFIT_DECODER_THREADS``.

    0, without the variable, leaves it to FFmpeg: one a core, at most 16. Processes that decode
    beside each other, or beside an engine, are better off with fewer.

    Raises
    ------
    UsageError
        The variable is no whole number of at least 1.
    """
    return whole_number(DECODER_THREADS, 0)
