"""Plans made ahead of the engine: in other processes where that can be, else in a thread here."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from budgetfit.errors import BudgetfitError
from budgetfit.planner import plan as plan_video
from budgetfit.plans import Plan
from budgetfit.preparing import prepare, prepare_pictures
from budgetfit.processes.daemon_threads import DaemonThreads
from budgetfit.processes.fork_server import ForkServer
from budgetfit.processes.worker_process import WorkerProcess
from budgetfit.video.environment import DECODER_THREADS, variable
from budgetfit.video.held_open import held_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from budgetfit.batch.jobs import RunJob

    Planned = tuple[Plan, list[Image.Image]]

__all__ = ["JobPlanner", "Planners", "default_num_processes"]

# As nice(1) has it where nothing is said. Plans are made ahead: they can wait for a core, while an
# engine that prepares pictures in several threads waits for the last of them.
_NICENESS = 10

_T = TypeVar("_T")


def default_num_processes() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


class JobPlanner:
    """Plans one job after the other, in any process."""

    def plan(self, job: RunJob) -> Planned:
        """Return the job's plan and its pictures.

        Raises
        ------
        BudgetfitError
            As for :func:`budgetfit.plan`.
        """
        plan = job.video
        if not isinstance(plan, Plan):
            asked: dict[str, Any] = {**job.where, **job.search, **job.ask}
            with held_open():
                plan = plan_video(job.video, job.prompt, **asked)
                return plan, plan.images()
        return plan, plan.images()


class Planners:
    """Processes that plan, started as they are needed, and a thread for what only this one can.

    Parameters
    ----------
    num_processes : int
        How many processes; 0 for none.
    """

    def __init__(self, num_processes: int) -> None:
        self._threads = DaemonThreads(num_processes) if num_processes else None
        # All of them, and the engine, share the cores.
        num_threads = max(default_num_processes() // max(num_processes, 1), 1)
        self._environment = {variable(DECODER_THREADS): str(num_threads)}
        self._server: ForkServer | None = None
        self._here = DaemonThreads(1)
        self._lock = threading.Lock()
        self._free: list[WorkerProcess] = []
        self._all: list[WorkerProcess] = []
        self._ended = False

    async def plan(self, job: RunJob) -> Planned:
        """Return the job's plan and its pictures.

        Raises
        ------
        BudgetfitError
            As for :func:`budgetfit.plan`, or the process that planned ended.
        """
        if self._threads is None or not job.is_portable:
            return await self.here(JobPlanner().plan, job)
        kind, planned = await self._threads.call(self._ask, job)
        if kind == "done":
            done: Planned = planned
            return done
        if kind == "error":
            raise planned
        error = BudgetfitError(
            f"planning failed: {planned.strip().splitlines()[-1]}; plan it alone, and please "
            "report what happens"
        )
        error.add_note(planned)
        raise error

    async def here(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Return what a function returns, called in the thread of this process."""
        return await self._here.call(function, *arguments)

    def end(self) -> None:
        """End all processes, whatever they are doing."""
        with self._lock:
            self._ended = True
            processes = [*self._all]
        for process in processes:
            process.kill()
        if self._server is not None:
            self._server.end()
        for process in processes:
            process.close()
        for threads in (self._threads, self._here):
            if threads is not None:
                threads.end()

    def _ask(self, job: RunJob) -> tuple[str, Any]:
        process = self._taken(job)
        if process is None:
            return "failed", "the processes were ended"
        try:
            return process.ask("plan", (job,))
        finally:
            with self._lock:
                self._free.append(process)

    def _taken(self, job: RunJob) -> WorkerProcess | None:
        """Return a process that nobody asks, a new one where there is none; none after the end."""
        with self._lock:
            if self._ended:
                return None
            # The one that was used last, so that few are started.
            if self._free:
                return self._free.pop()
            if self._server is None:
                # Jobs are mostly of one kind.
                takes = prepare_pictures if isinstance(job.video, Plan) else prepare
                self._server = ForkServer(takes, self._environment, niceness=_NICENESS)
            server = self._server
        process = WorkerProcess(server, JobPlanner)
        with self._lock:
            if not self._ended:
                self._all.append(process)
                return process
        process.kill()
        process.close()
        return None
