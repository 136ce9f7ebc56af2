"""Keeps an asynchronous engine in the event loop that it was first used in."""

from __future__ import annotations

import asyncio

from budgetfit.errors import UsageError

__all__ = ["OneLoop"]


class OneLoop:
    """The loop of an engine: its connections and tasks live there, and hang in any other."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def check(self) -> None:
        """Take the running loop at first use, and check that it is the same ever after.

        Raises
        ------
        UsageError
            Another loop is running.
        """
        running = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = running
        elif self._loop is not running:
            raise UsageError(
                "the engine is used in a second event loop; keep it within one asyncio.run, or "
                "make a new engine"
            )
