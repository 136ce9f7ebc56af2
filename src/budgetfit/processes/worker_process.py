"""A process that answers questions, started from scripts, notebooks and consoles alike.

It is forked from a program of its own and imports nothing of the caller's, unlike those of
``multiprocessing``, which import the caller's ``__main__`` again.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetfit.processes.fork_server import ForkedProcess, ForkServer

__all__ = ["WorkerProcess"]


class WorkerProcess:
    """One process; started again where it ends before its time.

    Parameters
    ----------
    server : ForkServer
        Forks it.
    answerer : type
        The class whose methods answer, of a module of this library.
    *setting
        What it is made with, once in each process.

    Raises
    ------
    BudgetfitError
        No process can be forked.
    """

    def __init__(
        self, server: ForkServer, answerer: Callable[..., object], *setting: object
    ) -> None:
        self._server = server
        self._answerer = (answerer.__module__, answerer.__name__, setting)
        self._ended = False
        self._process = self._started()

    def _started(self) -> ForkedProcess:
        process = self._server.fork()
        # Where it ended already, the first question tells.
        with suppress(BrokenPipeError):
            self._send(process, self._answerer)
        return process

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ask(self, method: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
        """Return the answer as :func:`budgetfit.processes.worker.answer` gives it.

        A process that ends instead of answering is ("error", VideoError), and started again.

        Raises
        ------
        BudgetfitError
            It cannot be started again.
        """
        if self._process.is_over and not self._ended:
            # It could not be started again when it ended.
            self._process = self._started()
        try:
            self._send(self._process, (method, arguments))
            answer: tuple[str, Any] = pickle.load(self._process.answers)  # noqa: S301
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            if self._ended:
                return "failed", "the process was ended"
            code = self._process.close()
            self._process = self._started()
            lost = VideoError(
                f"the process that planned the video ended with exit code {code}; plan it alone "
                "to see why"
            )
            lost.__cause__ = error
            return "error", lost
        return answer

    @staticmethod
    def _send(process: ForkedProcess, message: object) -> None:
        process.questions.write(pickle.dumps(message))
        process.questions.flush()

    def kill(self) -> None:
        """End the process, whatever it is doing, and start no other."""
        self._ended = True
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of the process, and close what led to it."""
        self._process.close()
