"""A process that answers questions, started from scripts, notebooks and consoles alike.

It is started as a program of its own and imports nothing of the caller's, unlike those of
``multiprocessing``, which import the caller's ``__main__`` again.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from budgetfit.errors import VideoError
from budgetfit.processes.memory import FEW_ARENAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["WorkerProcess"]


class WorkerProcess:
    """One process; started again where it ends before its time.

    Parameters
    ----------
    answerer : type
        The class whose methods answer, of a module of this library.
    *setting
        What it is made with, once in each process.
    environment : mapping of str to str, optional
        Variables of the process, where they are not set already.
    """

    def __init__(
        self,
        answerer: Callable[..., object],
        *setting: object,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        # Many processes need no threads beside them.
        self._environment = {"OMP_NUM_THREADS": "1", **FEW_ARENAS, **(environment or {})}
        self._answerer = (answerer.__module__, answerer.__name__, setting)
        self._ended = False
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        # What is found here has to be found there.
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "budgetfit.processes.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**self._environment, **os.environ, "PYTHONPATH": path},
            # Ctrl-C is for the caller, who then ends it.
            start_new_session=True,
        )
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
        """
        try:
            self._send(self._process, (method, arguments))
            if self._process.stdout is None:
                raise RuntimeError("the process was started with a pipe")
            answer: tuple[str, Any] = pickle.load(self._process.stdout)  # noqa: S301
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            if self._ended:
                return "failed", "the process was ended"
            self.close()
            code = self._process.returncode
            self._process = self._started()
            lost = VideoError(
                f"the process that planned the video ended with exit code {code}; plan it alone "
                "to see why"
            )
            lost.__cause__ = error
            return "error", lost
        return answer

    @staticmethod
    def _send(process: subprocess.Popen[bytes], message: object) -> None:
        if process.stdin is None:
            raise RuntimeError("the process was started with a pipe")
        process.stdin.write(pickle.dumps(message))
        process.stdin.flush()

    def kill(self) -> None:
        """End the process, whatever it is doing, and start no other."""
        self._ended = True
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of the process, and close what led to it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What it was still to be told is told to nobody.
                with suppress(BrokenPipeError):
                    pipe.close()
