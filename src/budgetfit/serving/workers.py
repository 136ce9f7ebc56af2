"""Processes that make requests fit, shared by all requests of the proxy."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from budgetfit.processes.memory import FEW_ARENAS
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.worker import HEADER, framed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.serving.fitted import Fitted
    from budgetfit.serving.settings import PlanningSettings

__all__ = ["Workers"]

_LOG = logging.getLogger(__name__)

_RETRY_AFTER_S = "2"


class Workers:
    """A number of processes and the requests that wait for them.

    Parameters
    ----------
    count : int
        Processes.
    settings : PlanningSettings
        What each may do.
    timeout_s : float
        Seconds that one may take for a request.
    max_waiting : int
        Requests that may wait.
    """

    def __init__(
        self, count: int, settings: PlanningSettings, *, timeout_s: float, max_waiting: int
    ) -> None:
        self._workers = [_Worker(settings) for _ in range(count)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._timeout_s = timeout_s
        self._max_waiting = max_waiting
        self._num_waiting = 0
        # Those whose client went away are finished, so that the process need not be ended.
        self._working: set[asyncio.Task[tuple[str, Any]]] = set()

    async def start(self) -> None:
        """Start all processes, and wait until they can work."""
        await asyncio.gather(*(worker.start() for worker in self._workers))
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def fit(self, body: bytes, max_model_lens: Mapping[str, int | None]) -> Fitted:
        """Make a request fit, in the first process that is free.

        Raises
        ------
        RefusedError
            It cannot be made to fit, takes too long, or too many wait.
        """
        if self._num_waiting >= self._max_waiting:
            raise RefusedError(
                429,
                f"{self._num_waiting} requests wait to be planned; send it again later",
                "too_many_requests",
                headers={"Retry-After": _RETRY_AFTER_S},
            )
        self._num_waiting += 1
        try:
            worker = await self._idle.get()
        finally:
            self._num_waiting -= 1
        working = asyncio.create_task(self._ask(worker, (body, dict(max_model_lens))))
        self._working.add(working)
        working.add_done_callback(self._working.discard)
        kind, result = await asyncio.shield(working)
        if kind == "done":
            fitted: Fitted = result
            return fitted
        if kind == "refused":
            raise result
        _LOG.error("planning failed:\n%s", result)
        raise RefusedError(500, "planning failed; the proxy's log says why", "planning_failed")

    async def close(self) -> None:
        """End all processes, whatever they are doing."""
        for task in list(self._working):
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))

    async def _ask(self, worker: _Worker, question: tuple[Any, ...]) -> tuple[str, Any]:
        try:
            return await asyncio.wait_for(worker.ask(question), self._timeout_s)
        except TimeoutError:
            refused = RefusedError(
                422,
                f"planning took over {self._timeout_s:g} s; send a shorter video or fewer pictures",
                "planning_timeout",
            )
        except (EOFError, OSError, pickle.UnpicklingError):
            refused = RefusedError(
                422,
                "the process that planned the request ended before its time; send the video in "
                "another format",
                "planning_crashed",
            )
            _LOG.warning("a worker ended before its time")
        finally:
            if not worker.is_ready:
                await worker.restart()
            self._idle.put_nowait(worker)
        return "refused", refused


class _Worker:
    """One process."""

    def __init__(self, settings: PlanningSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._is_asked = False

    @property
    def is_ready(self) -> bool:
        """Whether it runs and was left with no question."""
        return self._process is not None and self._process.returncode is None and not self._is_asked

    async def start(self) -> None:
        # What is found here has to be found there. Many processes need no threads beside them.
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "budgetfit.serving.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"OMP_NUM_THREADS": "1", **FEW_ARENAS, **os.environ, "PYTHONPATH": path},
            # Ctrl-C is for the proxy, which then ends it.
            start_new_session=True,
        )
        self._is_asked = False
        await self._exchange(self._settings)

    async def ask(self, question: object) -> tuple[str, Any]:
        return await self._exchange(question)

    async def restart(self) -> None:
        await self.close()
        await self.start()

    async def close(self) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _exchange(self, message: object) -> tuple[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the process was started with pipes")
        self._is_asked = True
        # uvloop raises a RuntimeError for a pipe that it has closed.
        if process.stdin.is_closing():
            raise EOFError
        process.stdin.write(framed(message))
        await process.stdin.drain()
        header = await process.stdout.readexactly(HEADER.size)
        content = await process.stdout.readexactly(HEADER.unpack(header)[0])
        self._is_asked = False
        # The other end is this library.
        answer: tuple[str, Any] = pickle.loads(content)  # noqa: S301
        return answer
