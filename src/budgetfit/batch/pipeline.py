"""From jobs to results: planned ahead, asked at once, written down, handed out."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budgetfit.batch.jobs import checked_job
from budgetfit.batch.keys import job_key
from budgetfit.batch.results import PlanSummary, RunResult, result_of, to_record, video_name
from budgetfit.processes.daemon_threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.batch.asking import Asker
    from budgetfit.batch.jobs import RunJob
    from budgetfit.batch.journal_keeper import JournalKeeper
    from budgetfit.batch.planning import Planners

__all__ = ["Pipeline"]

# Results without pictures that may wait for those before them, or for whoever takes them.
_MAX_WAITING = 1024

_END = object()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A job as it was taken: itself, or why it is none; with a journal, what is known of it."""

    job: RunJob | None
    name: tuple[str, int] | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """What ends the whole run."""

    error: BaseException


class Pipeline:
    """One run. Its first result starts it; ``close`` ends it at any time.

    Parameters
    ----------
    jobs : iterator
        What the caller gave, taken one at a time in a thread of its own.
    planners : Planners
        Make plans.
    asker : Asker
        Asks the engine.
    keeper : JournalKeeper or None
        Writes answers down.
    num_ahead : int
        Plans that may wait for the engine, or be in making.
    ordered : bool
        Whether results come in the order of the jobs.
    yield_journaled : bool
        Whether answers of earlier runs are handed out.
    """

    def __init__(
        self,
        jobs: Iterator[object],
        *,
        planners: Planners,
        asker: Asker,
        keeper: JournalKeeper | None,
        num_ahead: int,
        ordered: bool,
        yield_journaled: bool,
    ) -> None:
        self._jobs = jobs
        self._planners = planners
        self._asker = asker
        self._keeper = keeper
        self._ordered = ordered
        self._yield_journaled = yield_journaled
        self._copies: Counter[str] = Counter()
        self._taking = DaemonThreads(1)
        self._with_pictures = asyncio.Semaphore(asker.concurrency + num_ahead)
        self._waiting = asyncio.Semaphore(_MAX_WAITING + asker.concurrency + num_ahead)
        self._done: asyncio.Queue[tuple[int, RunResult | None] | _Failure | None] = asyncio.Queue()
        self._later: dict[int, RunResult | None] = {}
        self._next_index = 0
        self._feeding: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None
        self._ended = False

    async def next(self) -> RunResult | None:
        """Return the next result; None after the last.

        Raises
        ------
        JournalError
            An answer cannot be written down.
        Exception
            What taking a job from the caller's iterable raised, after the results before it.
        """
        if self._feeding is None:
            self._feeding = asyncio.create_task(self._feed())
        while not self._ended:
            if self._ordered and self._next_index in self._later:
                result = self._later.pop(self._next_index)
                self._next_index += 1
            else:
                done = await self._done.get()
                if done is None:
                    self._ended = True
                    break
                if isinstance(done, _Failure):
                    self._ended = True
                    raise done.error
                index, result = done
                if self._ordered:
                    self._later[index] = result
                    continue
            self._waiting.release()
            if result is not None:
                return result
        return None

    async def close(self) -> None:
        """End everything that the run started, and wait for that; closing twice is allowed."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        # Whoever waits may be interrupted; the end is not.
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._ended = True
        tasks = {*self._tasks} | ({self._feeding} if self._feeding is not None else set())
        for task in tasks:
            task.cancel()
        self._planners.end()
        self._taking.end()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._asker.end()
        if self._keeper is not None:
            await self._keeper.close()

    async def _feed(self) -> None:
        index, failure = 0, None
        while True:
            await self._waiting.acquire()
            await self._with_pictures.acquire()
            try:
                job = await self._taking.call(next, self._jobs, _END)
            except Exception as error:
                failure = error
                break
            if job is _END:
                break
            try:
                taken = await self._taken(index, job)
            except Exception as error:
                failure = error
                break
            task = asyncio.create_task(self._guarded(index, taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            index += 1
            del job, taken, task
        await asyncio.gather(*self._tasks)
        self._done.put_nowait(None if failure is None else _Failure(failure))

    async def _taken(self, index: int, raw: object) -> _Taken:
        job = None
        try:
            job = checked_job(index, raw)
            if self._keeper is None:
                return _Taken(job)
            # An open file is read in one thread alone.
            call = self._taking.call if job.is_portable else self._planners.here
            key = await call(job_key, job, self._asker.asked_of)
        except Exception as error:
            return _Taken(job, error=error)
        # Equal jobs are told apart by their order.
        self._copies[key] += 1
        return _Taken(job, (key, self._copies[key] - 1))

    async def _guarded(self, index: int, taken: _Taken) -> None:
        try:
            result = await self._result(index, taken)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._done.put_nowait(_Failure(error))
        else:
            self._done.put_nowait((index, result))
        finally:
            self._with_pictures.release()

    async def _result(self, index: int, taken: _Taken) -> RunResult | None:
        """Return what came of a job; None for an answer that was handed out before."""
        job, keeper, name = taken.job, self._keeper, taken.name
        known: dict[str, Any] = {"index": index, "id": None, "video": None}
        if job is not None:
            known.update(id=job.id, video=video_name(job.video))
        if job is None or taken.error is not None:
            return RunResult(**known, plan=None, answer=None, error=taken.error)
        if keeper is not None and name is not None and (kept := await keeper.find(name)):
            return result_of({**kept, **known}) if self._yield_journaled else None
        try:
            plan, images = await self._planners.plan(job)
        except Exception as error:
            return RunResult(**known, plan=None, answer=None, error=error)
        answer, failure, num_attempts = await self._asker.ask(plan, images)
        result = RunResult(
            **known,
            plan=PlanSummary.of(plan),
            answer=answer,
            error=failure,
            num_attempts=num_attempts,
        )
        if keeper is not None and name is not None and answer is not None:
            await keeper.keep(name, to_record(result))
        return result
