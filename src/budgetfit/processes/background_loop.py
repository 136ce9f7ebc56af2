"""One event loop in a thread of its own, for callers that have none."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["run_in_background"]

_T = TypeVar("_T")

_lock = threading.Lock()
# By process: a fork has the loop of its parent, and nobody who runs it.
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def run_in_background(coroutine: Coroutine[object, object, _T]) -> _T:
    """Return what a coroutine returns, run in the one background loop of this process.

    Interrupted, the coroutine is cancelled.
    """
    future = asyncio.run_coroutine_threadsafe(coroutine, _loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True, name="budgetfit").start()
        return loop
