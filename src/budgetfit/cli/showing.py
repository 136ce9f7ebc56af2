"""Words on stdout and stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.render.terminal import Terminal
from budgetfit.render.words import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["ReaderGoneError", "show", "show_error", "tolerate_encodings"]


class ReaderGoneError(Exception):
    """Nobody reads stdout any more; no OSError, which typer would end the process for."""


def tolerate_encodings() -> None:
    """Have characters that a stream's encoding lacks shown as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def show(view: RenderableType | str, *, on_stderr: bool = False, end: str = "\n") -> None:
    """Show ``view`` and ``end``; text is not wrapped.

    Raises
    ------
    ReaderGoneError
        Nobody reads the stream any more.
    UsageError
        The stream cannot be written to.
    """
    stream = sys.stderr if on_stderr else sys.stdout
    try:
        Terminal(stream).show(view, end)
    except OSError as error:
        # What is left in the buffer would fail once more when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise ReaderGoneError from error
        raise UsageError(
            f"cannot write to {stream.name}: {error.strerror}; send the output elsewhere"
        ) from error


def show_error(message: str) -> None:
    """Show an error in one line on stderr."""
    line = printable(" ".join(message.split("\n")))
    print(f"budgetfit: error: {line}", file=sys.stderr)  # noqa: T201
