"""A file that keeps answers: each on disk before it is handed out, and none of them twice.

One line a record, ``{"crc32":"XXXXXXXX","record":{...}}``, with a checksum over the bytes of the
record; the first says what the file is. A line that a killed run or a power cut left unfinished is
dropped when the file is opened again. Its answer was never handed out.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from budgetfit.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Journal", "records_of"]

_LINE = re.compile(rb'\{"crc32":"([0-9a-f]{8})","record":(.*)\}\n', re.DOTALL)


def _line(record: Mapping[str, Any]) -> bytes:
    # Escaped, so that lone surrogates of file names can be written.
    body = json.dumps(record, allow_nan=False, separators=(",", ":")).encode("ascii")
    return b'{"crc32":"%08x","record":%s}\n' % (zlib.crc32(body), body)


_HEADER = _line({"format": "budgetfit journal", "version": 1})


class Journal:
    """A journal, open for one run alone.

    Parameters
    ----------
    path : str or path
        The file; made where there is none.

    Raises
    ------
    JournalError
        The file is no journal, is damaged, is used by another run, or cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._file = _opened(self.path)
        self._places: dict[tuple[str, int], int] = {}
        try:
            self._lock()
            self._end = self._read()
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        return len(self._places)

    def find(self, key: str, copy: int) -> dict[str, Any] | None:
        """Return the record of the job's answer; None where there is none.

        Parameters
        ----------
        key : str
            The job's key.
        copy : int
            How many equal jobs came before it.
        """
        place = self._places.get((key, copy))
        if place is None:
            return None
        try:
            self._file.seek(place)
            record = _record(self._file.readline())
        except OSError as error:
            raise _failed(self.path, "read", error) from error
        if record is None:
            raise JournalError(
                f"the journal {self.path} was changed while it was in use; start a new one"
            )
        return record

    def append(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write records, each with its ``key`` and ``copy``, and return once they are on disk.

        Raises
        ------
        JournalError
            They cannot be written; nothing of them is kept.
        """
        lines = [_line(record) for record in records]
        try:
            _write_all(self._file.fileno(), b"".join(lines), self._end)
            os.fsync(self._file.fileno())
        except OSError as error:
            # What is left of them would be dropped later as well.
            with suppress(OSError):
                os.ftruncate(self._file.fileno(), self._end)
            raise _failed(self.path, "write", error) from error
        for record, line in zip(records, lines, strict=True):
            self._places[record["key"], record["copy"]] = self._end
            self._end += len(line)

    def close(self) -> None:
        """Let others use the file; closing twice is allowed."""
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalError(
                f"the journal {self.path} is used by another run; wait for its end, or give each "
                "run a journal of its own"
            ) from error
        except OSError as error:
            raise _failed(self.path, "lock", error) from error

    def _read(self) -> int:
        """Note where each answer is, drop what is unfinished, and return where to go on."""
        try:
            end = 0
            for place, after, record in _scan(self._file, self.path):
                end = after
                if place:
                    self._places.setdefault((record["key"], record["copy"]), place)
            if end < os.fstat(self._file.fileno()).st_size or not end:
                os.ftruncate(self._file.fileno(), end)
                if not end:
                    _write_all(self._file.fileno(), _HEADER, 0)
                    end = len(_HEADER)
                os.fsync(self._file.fileno())
                _sync_folder(self.path)
        except OSError as error:
            raise _failed(self.path, "use", error) from error
        return end


def records_of(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """Yield the records of a journal in the order they were written, also while a run uses it.

    Raises
    ------
    JournalError
        The file is no journal, is damaged, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            for place, _, record in _scan(file, os.fspath(path)):
                if place:
                    yield record
    except OSError as error:
        raise _failed(os.fspath(path), "read", error) from error


def _scan(file: BinaryIO, path: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield where each record begins and ends, and the record, up to one that is unfinished."""
    file.seek(0)
    header = file.readline(len(_HEADER))
    if header != _HEADER:
        if _HEADER.startswith(header):
            return
        raise JournalError(
            f"{path} is no journal of this version of budgetfit; give the name of another file"
        )
    place = len(_HEADER)
    yield 0, place, {}
    while line := file.readline():
        record = _record(line)
        if record is None:
            if any(_record(later) is not None for later in file):
                raise JournalError(
                    f"the journal {path} is damaged at byte {place}: answers follow a line that is "
                    "none; delete that line to go on, and its job is asked again"
                )
            return
        yield place, place + len(line), record
        place += len(line)


def _record(line: bytes) -> dict[str, Any] | None:
    """Return what a line says; None where it is not as it was written."""
    match = _LINE.fullmatch(line)
    if match is None or int(match[1], 16) != zlib.crc32(match[2]):
        return None
    record: dict[str, Any] = json.loads(match[2])
    return record


def _opened(path: str) -> BinaryIO:
    try:
        # A pipe or a device would be opened for good or never.
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            raise JournalError(f"the journal {path} is not a regular file; give another path")
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "rb")
    except (OSError, ValueError) as error:
        raise _failed(path, "open", error) from error


def _write_all(descriptor: int, content: bytes, place: int) -> None:
    """Write at a place, and leave alone where the file is read."""
    left = memoryview(content)
    while left:
        written = os.pwrite(descriptor, left, place)
        left, place = left[written:], place + written


def _sync_folder(path: str) -> None:
    """Have the name of a new file on disk as well."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _failed(path: str, action: str, error: Exception) -> JournalError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return JournalError(
        f"cannot {action} the journal {path}: {reason}; check the path, its permissions and the "
        "room on its disk: answers that were kept before are safe"
    )
