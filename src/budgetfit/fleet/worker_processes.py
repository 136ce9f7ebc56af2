"""Processes that work on jobs, started from scripts, notebooks, pipes and consoles alike.

They are started as programs of their own and import nothing of the caller's, unlike those of
``multiprocessing``, which import the caller's ``__main__`` again.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budgetfit.fleet.solving import Setting

__all__ = ["WorkerProcesses"]


class WorkerProcesses:
    """A number of processes, each asked by a thread of its own.

    Parameters
    ----------
    count : int
        How many.
    setting : Setting
        What all jobs share.
    """

    def __init__(self, count: int, setting: Setting) -> None:
        self._processes = [_WorkerProcess(setting) for _ in range(count)]
        self._threads = [ThreadPoolExecutor(max_workers=1) for _ in self._processes]
        self._place: dict[int, int] = {}

    @property
    def pids(self) -> list[int]:
        """The processes' ids."""
        return [process.pid for process in self._processes]

    def ask(
        self, method: str, arguments: Mapping[int, tuple[Any, ...]]
    ) -> Iterator[tuple[int, tuple[str, Any]]]:
        """Ask about jobs, by index, and return the index and the answer of each as they come.

        A job stays with the process that looked at it first; others go to whichever is free.
        """
        answers: SimpleQueue[tuple[int, tuple[str, Any]]] = SimpleQueue()
        own: list[deque[int]] = [deque() for _ in self._processes]
        anybody: deque[int] = deque()
        for index in arguments:
            (own[self._place[index]] if index in self._place else anybody).append(index)

        def work(place: int) -> None:
            for queue in (own[place], anybody):
                while True:
                    try:
                        index = queue.popleft()
                    except IndexError:
                        break
                    self._place[index] = place
                    try:
                        answer = self._processes[place].ask(method, (index, *arguments[index]))
                    except Exception:
                        # Somebody waits for an answer.
                        answer = "failed", traceback.format_exc()
                    answers.put((index, answer))

        for place, thread in enumerate(self._threads):
            thread.submit(work, place)
        return (answers.get() for _ in arguments)

    def end(self) -> None:
        """End all processes and threads, whatever they are doing."""
        for process in self._processes:
            process.kill()
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.close()


class _WorkerProcess:
    """One process; started again where it ends before its time."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._ended = False
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        # What is found here has to be found there. Many processes need no threads beside them.
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "budgetfit.fleet.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path},
            # Ctrl-C is for the caller, who then ends it.
            start_new_session=True,
        )
        self._send(process, self._setting)
        return process

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, method: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
        """Return the answer as budgetfit.fleet.worker gives it."""
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
