"""run_many(): the one place that composes a run."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, get_args

from budgetfit.batch.asking import Asker
from budgetfit.batch.journal import Journal, records_of
from budgetfit.batch.journal_keeper import JournalKeeper
from budgetfit.batch.pipeline import Pipeline
from budgetfit.batch.planning import Planners, default_num_processes
from budgetfit.batch.results import result_of
from budgetfit.batch.retries import Retries, checked_retries
from budgetfit.errors import UsageError
from budgetfit.processes.background_loop import run_in_background

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from budgetfit.batch.jobs import RunJob
    from budgetfit.batch.results import RunResult
    from budgetfit.engines import AsyncEngine, Engine
    from budgetfit.plans import Plan
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.render.run_progress import RunProgress
    from budgetfit.video.sources import Video
    from budgetfit.video_analysis import VideoAnalysis

    AnyJob = RunJob | Plan | tuple[Video | VideoAnalysis, str | Sequence[PromptBlock] | None]

__all__ = ["read_journal", "run_many", "run_many_async"]

Journaled = Literal["yield", "skip"]


def run_many(
    jobs: Iterable[AnyJob],
    engine: Engine | AsyncEngine,
    *,
    journal: str | os.PathLike[str] | None = None,
    journaled: Journaled = "yield",
    ordered: bool = True,
    num_processes: int | None = None,
    num_ahead: int | None = None,
    concurrency: int | None = None,
    retries: int | Retries = Retries(),  # noqa: B008  it is frozen
    sampling: Mapping[str, Any] | None = None,
    close_engine: bool = False,
    progress: bool | None = None,
) -> Generator[RunResult, None, None]:
    """Plan many videos ahead of an engine, ask it about each, and give the results one by one.

    Parameters
    ----------
    jobs : iterable of (video, prompt), RunJob or Plan
        What to ask; may be endless. Jobs are taken as they are needed, in another thread.
    engine : Engine or AsyncEngine
        Where plans are run. An asynchronous one belongs to the loop of this function from then on:
        use :func:`run_many_async` to share it with other code, and ``close_engine`` to close it.
    journal : path, optional
        File that keeps answers, each on disk before it is handed out. A later run of the same jobs
        goes on where this one ended, however it ended.
    journaled : {"yield", "skip"}
        What becomes of answers that the journal has: handed out again, so that every job has its
        result in every run, or passed over, so that over all runs no answer is handed out twice.
    ordered : bool
        Whether results come in the order of the jobs, or as they are there.
    num_processes : int, optional
        Processes that plan; by default one a core, 0 for none. They run no code of the caller's, so
        no ``__main__`` guard is needed; jobs with functions, open files or pictures are planned in
        this process.
    num_ahead : int, optional
        Plans with their pictures that may wait for the engine or be in making, by default two a
        process: with ``concurrency``, what bounds the memory.
    concurrency : int, optional
        Requests at once; by default 32, or 1 for an engine that takes one at a time.
    retries : int or Retries
        How often a job is asked again where the error may pass.
    sampling : mapping, optional
        Sampling parameters of every request, over those of the engine.
    close_engine : bool
        Whether the engine is closed at the end of the run, however it ends.
    progress : bool, optional
        Whether a bar on stderr shows how far the run is; by default where that is a terminal.

    Yields
    ------
    RunResult
        One for each job. What went wrong with one is in its ``error`` and stops no other. Errors
        are not kept in the journal: a later run tries those jobs again.

    Raises
    ------
    UsageError
        An argument cannot be used.
    JournalError
        The journal cannot be used, here or later.
    """
    pipeline = _pipeline(
        jobs,
        engine,
        journal=journal,
        journaled=journaled,
        ordered=ordered,
        num_processes=num_processes,
        num_ahead=num_ahead,
        concurrency=concurrency,
        retries=retries,
        sampling=sampling,
        close_engine=close_engine,
    )
    return _results(pipeline, _progress(jobs, progress))


def run_many_async(
    jobs: Iterable[AnyJob],
    engine: Engine | AsyncEngine,
    *,
    journal: str | os.PathLike[str] | None = None,
    journaled: Journaled = "yield",
    ordered: bool = True,
    num_processes: int | None = None,
    num_ahead: int | None = None,
    concurrency: int | None = None,
    retries: int | Retries = Retries(),  # noqa: B008  it is frozen
    sampling: Mapping[str, Any] | None = None,
    close_engine: bool = False,
    progress: bool | None = None,
) -> AsyncGenerator[RunResult, None]:
    """Do as :func:`run_many` in the running event loop, which the engine may share with others.

    Where results are not taken to the end, close it: ``async with contextlib.aclosing(...)``.
    """
    pipeline = _pipeline(
        jobs,
        engine,
        journal=journal,
        journaled=journaled,
        ordered=ordered,
        num_processes=num_processes,
        num_ahead=num_ahead,
        concurrency=concurrency,
        retries=retries,
        sampling=sampling,
        close_engine=close_engine,
    )
    return _async_results(pipeline, _progress(jobs, progress))


def read_journal(path: str | os.PathLike[str]) -> Iterator[RunResult]:
    """Yield the answers that a journal keeps, each once, in the order they came.

    Parameters
    ----------
    path : path
        The journal; a run may be using it. ``index`` is that of the run that wrote the answer.

    Raises
    ------
    JournalError
        The file is no journal, is damaged, or cannot be read.
    """
    return map(result_of, records_of(path))


def _pipeline(
    jobs: Iterable[AnyJob],
    engine: Engine | AsyncEngine,
    *,
    journal: str | os.PathLike[str] | None,
    journaled: Journaled,
    ordered: bool,
    num_processes: int | None,
    num_ahead: int | None,
    concurrency: int | None,
    retries: int | Retries,
    sampling: Mapping[str, Any] | None,
    close_engine: bool,
) -> Pipeline:
    for name, number, least in (
        ("num_processes", num_processes, 0),
        ("num_ahead", num_ahead, 0),
        ("concurrency", concurrency, 1),
    ):
        if number is not None and (type(number) is not int or number < least):
            raise UsageError(f"{name} is {number!r}; it must be a whole number of at least {least}")
    if journaled not in get_args(Journaled):
        raise UsageError(f'journaled is {journaled!r}; it must be "yield" or "skip"')
    count = default_num_processes() if num_processes is None else num_processes
    asker = Asker(engine, concurrency, checked_retries(retries), sampling, close=close_engine)
    iterator = iter(jobs)
    return Pipeline(
        iterator,
        planners=Planners(count),
        asker=asker,
        # Last, as it takes the file.
        keeper=None if journal is None else JournalKeeper(Journal(journal)),
        num_ahead=2 * max(count, 1) if num_ahead is None else num_ahead,
        ordered=ordered,
        yield_journaled=journaled == "yield",
    )


def _results(
    pipeline: Pipeline, progress: AbstractContextManager[RunProgress | None]
) -> Generator[RunResult, None, None]:
    try:
        with progress as shown:
            while (result := run_in_background(pipeline.next())) is not None:
                if shown is not None:
                    shown.count(is_error=result.error is not None)
                yield result
    finally:
        run_in_background(pipeline.close())


async def _async_results(
    pipeline: Pipeline, progress: AbstractContextManager[RunProgress | None]
) -> AsyncGenerator[RunResult, None]:
    try:
        with progress as shown:
            while (result := await pipeline.next()) is not None:
                if shown is not None:
                    shown.count(is_error=result.error is not None)
                yield result
    finally:
        await pipeline.close()


def _progress(
    jobs: Iterable[AnyJob], wanted: bool | None
) -> AbstractContextManager[RunProgress | None]:
    if wanted is None:
        import sys

        wanted = sys.stderr is not None and sys.stderr.isatty()
    if not wanted:
        return nullcontext()
    from budgetfit.render.run_progress import RunProgress

    total = getattr(jobs, "__len__", None)
    return RunProgress(None if total is None else total())
