"""Memory that processes which plan one video after the other give back."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FEW_ARENAS", "give_back_free_memory"]

# glibc keeps a heap for every thread, up to eight a core, and decoders start many threads; what is
# freed in each comes back in parts. See mallopt(3), M_ARENA_MAX.
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}


def give_back_free_memory() -> None:
    """Give what was freed back to the system, where the C library can (glibc's malloc_trim)."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    found: Callable[[int], int] = trim
    return found
