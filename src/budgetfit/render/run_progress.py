"""How far a run over many jobs is, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["RunProgress"]


class RunProgress:
    """A bar on stderr with results, errors, results a second and what is left; a context manager.

    Parameters
    ----------
    total : int or None
        Jobs in all, where that is known.
    """

    def __init__(self, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, file=sys.stderr),
            # rich would have all that is printed meanwhile go to stderr, also what is for a file.
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
        )
        self._total = total
        self._num_done = self._num_errors = 0
        self._task = self._progress.add_task("asking", total=total, counts=self.counts)

    @property
    def counts(self) -> str:
        """The counts in words."""
        done = f"{self._num_done}" if self._total is None else f"{self._num_done} of {self._total}"
        errors = f", {self._num_errors} failed" if self._num_errors else ""
        return f"{done}{errors}"

    def count(self, *, is_error: bool) -> None:
        """Count a result."""
        self._num_done += 1
        self._num_errors += is_error
        self._progress.update(self._task, completed=self._num_done, counts=self.counts)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()
