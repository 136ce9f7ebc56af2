"""Running CP-SAT so that it can be interrupted."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    with _noted_interrupts() as interrupts:
        threading.Thread(target=work, name="budgetfit-cp-sat").start()
        interrupted = False
        # An event, as Python 3.11 takes a thread whose join() was interrupted for ended.
        while not done.is_set():
            try:
                # A signal may reach another thread and not wake this one: look now and then.
                done.wait(timeout=_WAKE_S)
            except KeyboardInterrupt:
                # A handler of the caller's that raises it as well.
                interrupted = True
            if interrupted or interrupts:
                # Again and again: a search that has not begun yet does not hear it.
                solver.stop_search()
    if failures:
        raise failures[0]
    return statuses[0], interrupted or bool(interrupts)


@contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """List interrupts instead of raising them, where Python would raise KeyboardInterrupt.

    Raised between any two instructions, it could leave the search running with nobody to stop it.
    """
    noted: list[int] = []
    usual = signal.default_int_handler
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not usual
    ):
        yield noted
        return
    signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, usual)
