"""A process that answers questions: pickles in, pickles out, until its input ends."""

from __future__ import annotations

import os
import pickle
import select
import threading
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from budgetfit.errors import BudgetfitError
from budgetfit.processes.memory import give_back_free_memory

__all__ = ["answer", "serve", "work"]


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer every question.

    First comes who answers, (module, class, arguments of the class), then questions, each (method
    of the class, arguments).
    """
    # Both ends are this library, and the other one is the process that started this one.
    module, name, setting = pickle.load(questions)  # noqa: S301
    answerer = getattr(import_module(module), name)(*setting)
    while True:
        try:
            method, arguments = pickle.load(questions)  # noqa: S301
        except EOFError:
            return
        pickle.dump(answer(answerer, method, arguments), answers)
        answers.flush()
        give_back_free_memory()


def answer(answerer: object, method: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """Return ("done", answer), ("error", BudgetfitError) or ("failed", traceback)."""
    try:
        return "done", getattr(answerer, method)(*arguments)
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


def _end_with_input(descriptor: int) -> None:
    """End this process, whatever it does, as soon as nobody holds the other end of its input."""
    watched = select.poll()
    watched.register(descriptor, 0)
    watched.poll()
    os._exit(0)


def work(questions: int, answers: int) -> None:
    """Serve on two descriptors, until nobody holds the other end of the first."""
    # Who asked may have been killed, and waits for no answer.
    threading.Thread(target=_end_with_input, args=(questions,), daemon=True).start()
    with os.fdopen(questions, "rb") as source, os.fdopen(answers, "wb") as sink:
        serve(source, sink)
