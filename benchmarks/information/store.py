"""Judgements on disk, so that no picture is judged twice."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.information.pictures import Picture

__all__ = ["DEFAULT_STORE", "Store", "Subject"]

DEFAULT_STORE = Path(__file__).resolve().parents[2] / ".cache" / "judges.sqlite"

# Another process may be writing.
_WAIT_S = 60.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS shares (
    judge TEXT, clip TEXT, moments TEXT, pts INTEGER, width INTEGER, height INTEGER, shares BLOB,
    PRIMARY KEY (judge, clip, moments, pts, width, height)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (
    judge TEXT, clip TEXT, subject TEXT, note TEXT,
    PRIMARY KEY (judge, clip, subject)) WITHOUT ROWID;
"""

FloatArray = npt.NDArray[np.float64]


class Subject(NamedTuple):
    """Whose judgement of what.

    Attributes
    ----------
    judge : str
        Name of the judge, which changes with its formula.
    clip : str
        Fingerprint of the clip.
    moments : str
        Which moments of it are judged.
    """

    judge: str
    clip: str
    moments: str


class Store:
    """An SQLite file of judgements; several processes may use it at once.

    Parameters
    ----------
    path : Path
        The file, made where it is missing.
    """

    def __init__(self, path: Path = DEFAULT_STORE) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=_WAIT_S)
        self._connection.executescript(_SCHEMA)

    def shares(self, subject: Subject) -> dict[tuple[int, int, int], FloatArray]:
        """Return the stored shares of every moment by (pts, width, height) of the picture."""
        query = (
            "SELECT pts, width, height, shares FROM shares "
            "WHERE judge = ? AND clip = ? AND moments = ?"
        )
        with closing(self._connection.execute(query, subject)) as rows:
            return {
                (pts, width, height): np.frombuffer(blob, dtype=np.float32).astype(np.float64)
                for pts, width, height, blob in rows
            }

    def add_shares(self, subject: Subject, shares: Mapping[Picture, FloatArray]) -> None:
        """Keep the shares of pictures."""
        rows = [
            (*subject, *picture, values.astype(np.float32).tobytes())
            for picture, values in shares.items()
        ]
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO shares VALUES (?, ?, ?, ?, ?, ?, ?)", rows
            )

    def note(self, judge: str, clip: str, subject: str) -> Any:  # noqa: ANN401 - what JSON holds
        """Return what ``judge`` noted on a subject, as JSON gives it; None where it did not."""
        query = "SELECT note FROM notes WHERE judge = ? AND clip = ? AND subject = ?"
        with closing(self._connection.execute(query, (judge, clip, subject))) as rows:
            row = rows.fetchone()
        return None if row is None else json.loads(row[0])

    def add_note(self, judge: str, clip: str, subject: str, note: Sequence[Any]) -> None:
        """Keep a note that JSON can hold."""
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?)",
                (judge, clip, subject, json.dumps(note)),
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
