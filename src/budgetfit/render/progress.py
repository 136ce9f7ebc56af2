"""Progress on a terminal, for what takes longer than a second."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

if TYPE_CHECKING:
    from types import TracebackType

    from budgetfit.render.terminal import Terminal

__all__ = ["StageProgress"]

_DELAY_S = 1.0


class StageProgress:
    """Shows the stage that work is in; a context manager, and what ``on_progress`` takes.

    Nothing appears unless ``terminal`` is one and the work inside takes longer than a second, and
    nothing stays when it ends.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[steps]}"),
            console=terminal,
            transient=True,
            disable=not terminal.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=None, steps="")
        self._timer = threading.Timer(_DELAY_S, self._progress.start)
        self._timer.daemon = True

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of ``stage`` are done."""
        # One step says nothing about how far it is: the bar then only moves.
        steps = f"{done} of {total}" if total > 1 else ""
        self._progress.update(
            self._task,
            description=stage,
            completed=done,
            total=total if total > 1 else None,
            steps=steps,
        )

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        # Without it the display could start after it was stopped.
        self._timer.join()
        self._progress.stop()
