"""Results as lines of JSON, errors as lines on stderr, and the exit code of them all."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from budgetfit.cli.files import STDOUT
from budgetfit.cli.showing import show, show_error
from budgetfit.errors import BudgetfitError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from budgetfit.batch.results import RunResult

__all__ = ["ResultLines"]


class ResultLines:
    """Where results are written, each as soon as it is there; a context manager.

    Parameters
    ----------
    path : Path or None
        A file, written anew; ``-`` or None for stdout.

    Raises
    ------
    UsageError
        The file cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._first_failure: tuple[int, int] | None = None
        try:
            is_file = path is not None and path != STDOUT
            self._file = path.open("w", encoding="ascii") if path is not None and is_file else None
        except OSError as error:
            raise self._failed(error) from error

    def write(self, result: RunResult) -> None:
        """Write a result, and its error on stderr.

        Raises
        ------
        UsageError
            The file cannot be written any more.
        ReaderGoneError
            Nobody reads stdout any more.
        """
        # Without characters beyond ASCII, it is valid in any encoding that stdout may have.
        line = json.dumps(result.to_dict(), allow_nan=False)
        if self._file is None:
            show(line)
        else:
            try:
                self._file.write(line + "\n")
                self._file.flush()
            except OSError as error:
                raise self._failed(error) from error
        if result.error is None:
            return
        named = f"job {result.index} ({result.id or result.video})"
        show_error(f"{named}: {result.error}")
        code = getattr(result.error, "exit_code", BudgetfitError.exit_code)
        failure = (result.index, code)
        self._first_failure = min(self._first_failure or failure, failure)

    @property
    def exit_code(self) -> int:
        """0, or the code of the first job, in the order of the jobs, that failed."""
        return 0 if self._first_failure is None else self._first_failure[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            # What could not be written was told.
            with suppress(OSError):
                self._file.close()

    def _failed(self, error: OSError) -> UsageError:
        return UsageError(f"cannot write --out {self._path}: {error.strerror}; check the path")
