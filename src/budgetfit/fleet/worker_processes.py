"""Processes that work on the jobs of a fleet, each with those that it looked at first."""

from __future__ import annotations

import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from budgetfit.fleet.solving import JobSolver
from budgetfit.preparing import prepare
from budgetfit.processes.fork_server import ForkServer
from budgetfit.processes.worker_process import WorkerProcess

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
        self._server = ForkServer(prepare)
        self._processes: list[WorkerProcess] = []
        try:
            for _ in range(count):
                self._processes.append(WorkerProcess(self._server, JobSolver, setting))
        except BaseException:
            self._server.end()
            raise
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
        self._server.end()
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.close()
