"""A file of jobs for run-many: one JSON object a line, its names those of the options."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budgetfit.batch.jobs import RunJob

__all__ = ["JobLines"]

# What a line says in the one way replaces what the command says in the other.
_INSTEAD = {"prompt": "prompt_file", "prompt_file": "prompt"}

_STDIN = Path("-")


class JobLines:
    """The jobs of a file, in the order of its lines; blank lines are passed over.

    Parameters
    ----------
    path : Path
        The file; ``-`` is standard input.
    make : callable
        Makes a job of a video, an id, and the options that a line gives.
    options : callable
        Has a parameter of the name and the type of each option that a line may give.
    """

    def __init__(
        self, path: Path, make: Callable[..., RunJob], options: Callable[..., object]
    ) -> None:
        self._path = path
        self._name = "standard input" if path == _STDIN else str(path)
        self._make = make
        self._model = _model_of(options)

    @property
    def can_be_read_again(self) -> bool:
        """Whether it is no stream."""
        return self._path != _STDIN and (self._path.is_file() or not self._path.exists())

    def __iter__(self) -> Iterator[RunJob]:
        """Read from the beginning.

        Raises
        ------
        UsageError
            The file cannot be read, or a line is no job: the error names the file and the line.
        """
        try:
            with self._opened() as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield self._job(line, f"{self._name}, line {number}")
        except OSError as error:
            raise UsageError(
                f"cannot read the jobs in {self._name}: {error.strerror}; check the path"
            ) from error

    def _opened(self) -> BinaryIO:
        # Not sys.stdin: a thread that waits for more of it would hinder Python's exit.
        return open(0, "rb", closefd=False) if self._path == _STDIN else self._path.open("rb")

    def _job(self, line: bytes, where: str) -> RunJob:
        try:
            given = self._model.model_validate_json(line).model_dump(exclude_unset=True)
        except ValidationError as error:
            raise UsageError(f"{where}: {self._problem(error)}") from error
        instead = {other: None for name, other in _INSTEAD.items() if name in given}
        try:
            return self._make(**{**instead, **given})
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from error

    def _problem(self, error: ValidationError) -> str:
        details = error.errors(include_url=False)
        # A name that is misspelt is missing as well.
        detail = min(details, key=lambda each: each["type"] != "extra_forbidden")
        name = ".".join(map(str, detail["loc"]))
        if detail["type"] == "extra_forbidden":
            return f"nothing of a job is called {name!r}; give {self._names}"
        if not name:
            return f"{detail['msg']}; give one JSON object a line, with {self._names}"
        if detail["type"] == "missing":
            return f"there is no {name!r}; give {self._names}"
        return f"{name} is {detail['input']!r}: {detail['msg']}"

    @property
    def _names(self) -> str:
        video, *names = self._model.model_fields
        return f"{video} and any of {', '.join(names)}"


def _model_of(options: Callable[..., object]) -> type[BaseModel]:
    taken = inspect.signature(options).parameters.values()
    fields: dict[str, Any] = {"video": (str, ...), "id": (str | None, None)}
    fields |= {each.name: (each.annotation, None) for each in taken}
    config = ConfigDict(strict=True, extra="forbid")
    return cast("type[BaseModel]", create_model("JobLine", __config__=config, **fields))
