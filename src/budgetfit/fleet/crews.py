"""Who works on the jobs of a fleet: this process, and others where it pays."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from budgetfit.errors import BudgetfitError
from budgetfit.fleet.solving import JobSolver
from budgetfit.fleet.worker_processes import WorkerProcesses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from budgetfit.fleet.curves import Curve, SolvedRoom
    from budgetfit.fleet.jobs import FleetJob
    from budgetfit.fleet.solving import Setting
    from budgetfit.plans import Plan

    Progress = Callable[[str, int, int], None]
    Errors = dict[int, BudgetfitError]

__all__ = ["Crew", "make_crew"]

# Processes take a second or two to start, which so many videos outweigh.
_VIDEOS_PER_PROCESS = 4


@contextmanager
def make_crew(
    fleet: Sequence[FleetJob], setting: Setting, num_processes: int | None, report: Progress
) -> Iterator[Crew]:
    """Have as many processes as asked for, until the end of the block.

    Parameters
    ----------
    fleet : sequence of FleetJob
        All jobs.
    setting : Setting
        What they share.
    num_processes : int or None
        1 for this one alone; None for one a core where there are enough videos.
    report : callable
        Called with (stage, jobs done, jobs to do).
    """
    portable = {index for index, job in enumerate(fleet) if job.is_portable}
    if num_processes is None:
        cores = len(os.sched_getaffinity(0))
        num_processes = min(cores, len(portable) // _VIDEOS_PER_PROCESS)
    num_processes = min(num_processes, len(portable))
    if num_processes <= 1:
        yield Crew(fleet, JobSolver(setting), None, frozenset(), report)
        return
    processes = WorkerProcesses(num_processes, setting)
    try:
        yield Crew(fleet, JobSolver(setting), processes, frozenset(portable), report)
    finally:
        processes.end()


class Crew:
    """Asks about jobs by index; what fails for one job is an error beside the others' answers."""

    def __init__(
        self,
        fleet: Sequence[FleetJob],
        solver: JobSolver,
        processes: WorkerProcesses | None,
        portable: frozenset[int],
        report: Progress,
    ) -> None:
        self._fleet = fleet
        self._solver = solver
        self._processes = processes
        self._portable = portable
        self._report = report

    def look(self, indices: Sequence[int]) -> tuple[dict[int, Curve], Errors]:
        """Look at videos and solve each in a few rooms."""
        return self._ask("look", "looking at videos", dict.fromkeys(indices, ()))

    def look_again(
        self, wanted: Mapping[int, tuple[Curve, int]]
    ) -> tuple[dict[int, Curve], Errors]:
        """Solve jobs in further rooms."""
        questions = {index: (curve, [room]) for index, (curve, room) in wanted.items()}
        return self._ask("look_again", "dividing tokens", questions)

    def plans(
        self, chosen: Mapping[int, tuple[Curve, SolvedRoom]]
    ) -> tuple[dict[int, Plan], Errors]:
        """Return the plan of each solved room."""
        return self._ask("plan", "making plans", dict(chosen))

    def _ask(
        self, method: str, stage: str, questions: Mapping[int, tuple[Any, ...]]
    ) -> tuple[dict[int, Any], Errors]:
        answers: dict[int, Any] = {}
        errors: Errors = {}
        self._report(stage, 0, len(questions))
        for index, (kind, answer) in self._answers(method, questions):
            if kind == "failed":
                raise RuntimeError(f"job {index} failed in another process:\n{answer}")
            (answers if kind == "done" else errors)[index] = answer
            self._report(stage, len(answers) + len(errors), len(questions))
        return {i: answers[i] for i in questions if i in answers}, errors

    def _answers(
        self, method: str, questions: Mapping[int, tuple[Any, ...]]
    ) -> Iterator[tuple[int, tuple[str, Any]]]:
        arguments = {index: (self._fleet[index], *rest) for index, rest in questions.items()}
        elsewhere = {i: given for i, given in arguments.items() if i in self._portable}
        # Begun before the jobs of this process, and read after them.
        theirs = self._processes.ask(method, elsewhere) if self._processes and elsewhere else None
        for index, given in arguments.items():
            if index not in self._portable:
                try:
                    yield index, ("done", getattr(self._solver, method)(index, *given))
                except BudgetfitError as error:
                    yield index, ("error", error)
        if theirs is not None:
            yield from theirs
