"""A line on standard error for each step of a long run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["told"]

_Item = TypeVar("_Item")


def told(what: str, items: Sequence[_Item], every: int = 1) -> Iterator[_Item]:
    """Yield ``items``, and tell after each ``every`` of them how many are done."""
    began = time.perf_counter()
    for index, item in enumerate(items, 1):
        yield item
        if index % every == 0 or index == len(items):
            spent_s = time.perf_counter() - began
            print(f"{what}: {index} of {len(items)}, {spent_s:.0f} s", file=sys.stderr, flush=True)
