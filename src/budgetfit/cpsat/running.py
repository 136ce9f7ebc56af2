"""Running CP-SAT so that it can be interrupted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

__all__ = ["run"]

_WAKE_S = 0.1


def run(solver: cp_model.CpSolver, model: cp_model.CpModel) -> tuple[cp_model.CpSolverStatus, bool]:
    """Solve ``model``; return the status, and whether the user interrupted it.

    CP-SAT runs on a thread of its own while this one waits: an interrupt (Ctrl-C) then stops the
    search at once and keeps what it found, where CP-SAT's own handler would swallow the signal.
    """
    solver.parameters.catch_sigint_signal = False
    statuses: list[cp_model.CpSolverStatus] = []
    failures: list[Exception] = []

    done = threading.Event()

    def work() -> None:
        try:
            statuses.append(solver.solve(model))
        except Exception as error:
            failures.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="budgetfit-cp-sat").start()
    interrupted = False
    # An event, as Python 3.11 takes a thread whose join() was interrupted for ended.
    while not done.is_set():
        try:
            # A signal may reach another thread and not wake this one: look every now and then.
            done.wait(timeout=_WAKE_S)
        except KeyboardInterrupt:
            interrupted = True
        if interrupted:
            # Again and again: a search that has not begun yet does not hear it.
            solver.stop_search()
    if failures:
        raise failures[0]
    return statuses[0], interrupted
