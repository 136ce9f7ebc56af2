"""One way to ask every kind of engine: asynchronous, in threads, or one plan at a time."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, cast

from budgetfit.engines import OpenAIEngine, VLLMEngine
from budgetfit.errors import UsageError
from budgetfit.processes.daemon_threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.batch.retries import Retries
    from budgetfit.engines import Answer, AsyncEngine, Engine
    from budgetfit.plans import Plan

__all__ = ["Asker"]

# A server batches what comes together; more than it takes at once wait there.
_SERVER_CONCURRENCY = 32


class Asker:
    """Asks an engine, so many plans at once, and again where that may help.

    Parameters
    ----------
    engine : Engine or AsyncEngine
        Where plans are run.
    concurrency : int or None
        Requests at once; None for 32, or 1 where the engine takes one at a time.
    retries : Retries
        When to ask again.
    sampling : mapping or None
        Sampling parameters of every request.
    close : bool
        Whether ``end`` closes the engine.

    Raises
    ------
    UsageError
        The engine is none, or takes only one plan at a time.
    """

    def __init__(
        self,
        engine: Engine | AsyncEngine,
        concurrency: int | None,
        retries: Retries,
        sampling: Mapping[str, Any] | None,
        *,
        close: bool = False,
    ) -> None:
        run = getattr(engine, "run", None)
        if run is None:
            raise UsageError(f"{engine!r} has no method run; give one of budgetfit.engines")
        self._run: Any = run
        self._close: Any = getattr(engine, "close", None) if close else None
        self._is_async = inspect.iscoroutinefunction(run)
        self._waits = not self._is_async and not isinstance(engine, OpenAIEngine)
        if isinstance(engine, VLLMEngine) and (concurrency or 1) > 1:
            raise UsageError(
                f"concurrency is {concurrency}, but VLLMEngine runs one plan at a time; give "
                "AsyncVLLMEngine"
            )
        self.concurrency = concurrency or (1 if self._waits else _SERVER_CONCURRENCY)
        self._retries = retries
        self._extra = {} if sampling is None else {"sampling": dict(sampling)}
        self._threads = DaemonThreads(self.concurrency)
        self._free = asyncio.Semaphore(self.concurrency)
        self._running: set[asyncio.Future[Answer]] = set()
        # The model may answer otherwise under another name or with other parameters.
        self.asked_of = {
            "model": getattr(engine, "model", None),
            "sampling": {**(getattr(engine, "sampling", None) or {}), **(sampling or {})},
        }

    async def ask(
        self, plan: Plan, images: Sequence[Image.Image]
    ) -> tuple[Answer | None, Exception | None, int]:
        """Return the answer or the last error, and how often the engine was asked."""
        async with self._free:
            num_attempts = 0
            while True:
                num_attempts += 1
                try:
                    return await self._asked(plan, images), None, num_attempts
                except Exception as error:
                    wait_s = self._retries.wait_s(error, num_attempts)
                    if wait_s is None:
                        return None, error, num_attempts
                    await asyncio.sleep(wait_s)

    async def _asked(self, plan: Plan, images: Sequence[Image.Image]) -> Answer:
        if self._is_async:
            return cast("Answer", await self._run(plan, images, **self._extra))
        call = self._threads.call(lambda: self._run(plan, images, **self._extra))
        if not self._waits:
            return cast("Answer", await call)
        # An engine that takes one at a time is not left in the middle of one.
        running = asyncio.ensure_future(call)
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return cast("Answer", await asyncio.shield(running))

    async def end(self) -> None:
        """Wait until an engine in this program is free again; end the threads, close the engine."""
        await asyncio.gather(*self._running, return_exceptions=True)
        self._threads.end()
        if self._close is not None:
            closed = self._close()
            if inspect.isawaitable(closed):
                await closed
