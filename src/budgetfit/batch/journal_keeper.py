"""Writes answers into a journal beside the event loop, those that come together in one go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from budgetfit.processes.daemon_threads import DaemonThreads

if TYPE_CHECKING:
    from budgetfit.batch.journal import Journal

__all__ = ["JournalKeeper"]


class JournalKeeper:
    """The only one who uses an open journal, from a thread of its own.

    Parameters
    ----------
    journal : Journal
        Closed with this.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = DaemonThreads(1)
        self._turn = asyncio.Lock()
        self._pending: list[dict[str, Any]] = []
        self._num_written = 0
        self._num_given = 0
        self._failure: Exception | None = None

    async def find(self, name: tuple[str, int]) -> dict[str, Any] | None:
        """Return the record of a job's answer; None where there is none."""
        return await self._thread.call(self._journal.find, *name)

    async def keep(self, name: tuple[str, int], record: dict[str, Any]) -> None:
        """Return once the record is on disk.

        Raises
        ------
        JournalError
            It cannot be written.
        """
        key, copy = name
        self._pending.append({"key": key, "copy": copy, **record})
        self._num_given += 1
        own_number = self._num_given
        async with self._turn:
            if self._failure is not None:
                raise self._failure
            if self._num_written >= own_number:
                return
            # Those of others who wait for their turn as well.
            records, self._pending = self._pending, []
            number = self._num_given
            try:
                await asyncio.shield(self._thread.call(self._journal.append, records))
            except Exception as error:
                self._failure = error
                raise
            self._num_written = number

    async def close(self) -> None:
        """Close the journal after what is being written."""
        await self._thread.call(self._journal.close)
        self._thread.end()
