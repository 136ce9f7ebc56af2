"""A process that answers questions about jobs: pickles in, pickles out, until its input ends."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from typing import TYPE_CHECKING, Any, BinaryIO

from budgetfit.errors import BudgetfitError
from budgetfit.fleet.solving import JobSolver

if TYPE_CHECKING:
    from budgetfit.fleet.solving import Setting

__all__ = ["answer", "serve"]


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer every question: first the setting, then (method of JobSolver, its arguments)."""
    # Both ends are this library, and the other one is the process that started this one.
    setting: Setting = pickle.load(questions)  # noqa: S301
    solver = JobSolver(setting)
    while True:
        try:
            method, arguments = pickle.load(questions)  # noqa: S301
        except EOFError:
            return
        pickle.dump(answer(solver, method, arguments), answers)
        answers.flush()


def answer(solver: JobSolver, method: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """Return ("done", answer), ("error", BudgetfitError) or ("failed", traceback)."""
    try:
        return "done", getattr(solver, method)(*arguments)
    except BudgetfitError as error:
        return "error", _portable(error)
    except Exception:
        return "failed", traceback.format_exc()


def _portable(error: BudgetfitError) -> BudgetfitError:
    """Return the error as it can be read by another process, else its words."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except (TypeError, pickle.PicklingError):
        return BudgetfitError(str(error))
    return error


def main() -> None:
    """Serve on standard input and output; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
