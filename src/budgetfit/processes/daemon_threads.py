"""Threads that an event loop hands calls to, and that hinder nobody's exit."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DaemonThreads"]

_T = TypeVar("_T")
_Call = tuple["Callable[[], object]", "asyncio.Future[object]"]


class DaemonThreads:
    """At most so many threads, started as they are needed; calls wait in the order they came.

    Unlike those of ``concurrent.futures``, a call that never returns is not waited for when the
    program ends.

    Parameters
    ----------
    most : int
        How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._num_threads = 0
        self._num_calls = 0
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()

    async def call(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Return what the function returns, or raise what it raises.

        Cancelled, the function goes on, and what it returns is dropped.
        """
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._num_calls += 1
        try:
            self._calls.put((lambda: function(*arguments), future))  # type: ignore[arg-type]
            if self._num_threads < min(self._most, self._num_calls):
                self._num_threads += 1
                threading.Thread(target=self._work, daemon=True).start()
            return await future
        finally:
            self._num_calls -= 1

    def end(self) -> None:
        """Take no more calls; threads end after what they are at."""
        for _ in range(self._num_threads):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            function, future = call
            if future.cancelled():
                continue
            error, value = None, None
            try:
                value = function()
            except BaseException as raised:
                error = raised
            # The loop may have been closed meanwhile.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_settle, future, value, error)
            del call, function, future, value, error


def _settle(future: asyncio.Future[object], value: object, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(value)
        return
    if not isinstance(error, Exception) or isinstance(error, StopIteration):
        # Raised in a loop, these would end it.
        ended = RuntimeError(f"a call in a thread raised {type(error).__name__}")
        ended.__cause__ = error
        error = ended
    future.set_exception(error)
