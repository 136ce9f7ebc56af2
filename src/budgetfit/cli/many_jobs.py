"""The jobs that the options of run-many name: videos, and lines of a file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from budgetfit.batch.jobs import RunJob
from budgetfit.cli.asking import arguments
from budgetfit.cli.job_lines import JobLines
from budgetfit.errors import UsageError
from budgetfit.jobs import job_of
from budgetfit.search_limits import SearchLimits
from budgetfit.video_analysis import Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from budgetfit.cli.asking import Asked

__all__ = ["ManyJobs"]


class ManyJobs:
    """Jobs, made anew whenever they are gone through: few are held at once.

    Parameters
    ----------
    asking : callable
        Returns what the options say, with the changes that it is given.
    videos : sequence of str
        Paths.
    path : Path or None
        The file of further jobs.
    folder : str or None
        The model's, where it runs in this program.

    Raises
    ------
    UsageError
        There are none.
    """

    def __init__(
        self,
        asking: Callable[..., Asked],
        videos: Sequence[str],
        path: Path | None,
        folder: str | None,
    ) -> None:
        if not videos and path is None:
            raise UsageError("neither a VIDEO nor --jobs is given; give at least one of them")
        self._asking = asking
        self._videos = videos
        self._lines = None if path is None else JobLines(path, self._job, asking)
        self._folder = folder
        self._longest = 0

    def __iter__(self) -> Iterator[RunJob]:
        return chain(map(self._job, self._videos), self._lines or ())

    def checked(self) -> tuple[Iterable[RunJob], int]:
        """Return the jobs, which know their number where it can be known, and the longest context.

        What a stream gives is checked as it comes.

        Raises
        ------
        UsageError
            A file cannot be read, or nothing can be planned as one of the jobs asks.
        """
        if self._lines is None or self._lines.can_be_read_again:
            number = sum(1 for _ in self)
            return _Counted(self, number), self._longest
        for video in self._videos or ("",):
            self._job(video)
        return self, self._longest

    def _job(self, video: str, id: str | None = None, **changes: object) -> RunJob:  # noqa: A002
        asked = self._asking(**changes)
        for path in (asked.prompt_file, asked.transcript):
            if path is not None and path.exists() and not path.is_file():
                raise UsageError(f"{path} is no regular file, and each job reads it; give a file")
        if self._folder is not None and asked.profile is None:
            asked = asked.for_model(self._folder)
        job = RunJob(**{**arguments(asked), "video": video}, id=id)
        SearchLimits(**job.search)
        Where(**job.where)
        self._longest = max(self._longest, job_of(job.prompt, job.ask).limits.max_model_len)
        return job


class _Counted:
    """Jobs whose number is known, as a progress bar wants it."""

    def __init__(self, jobs: Iterable[RunJob], number: int) -> None:
        self._jobs = jobs
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[RunJob]:
        return iter(self._jobs)
