"""A process that makes requests fit: questions in, answers out, until its input ends."""

from __future__ import annotations

import os
import pickle
import resource
import struct
import sys
import traceback
from typing import TYPE_CHECKING, Any, BinaryIO

from budgetfit.errors import BudgetfitError
from budgetfit.processes.memory import give_back_free_memory
from budgetfit.serving.fitting import Fitter
from budgetfit.serving.refusals import RefusedError, refusal_of

if TYPE_CHECKING:
    from budgetfit.serving.settings import PlanningSettings

__all__ = ["HEADER", "answer", "framed", "main"]

# Each message is its length in bytes and a pickle.
HEADER = struct.Struct("<Q")


def framed(message: object) -> bytes:
    """Return a message as it is written."""
    content = pickle.dumps(message)
    return HEADER.pack(len(content)) + content


def answer(fitter: Fitter, question: tuple[Any, ...]) -> tuple[str, Any]:
    """Return ("done", Fitted), ("refused", RefusedError) or ("failed", traceback)."""
    try:
        return "done", fitter.fit(*question)
    except RefusedError as error:
        return "refused", error
    except BudgetfitError as error:
        return "refused", refusal_of(error)
    except MemoryError:
        return "refused", RefusedError(
            413,
            "the request needs more memory than the proxy may use; send a shorter video or "
            "fewer pictures, or start it with a larger --worker-memory-mib",
            "too_large",
        )
    except Exception:
        return "failed", traceback.format_exc()


def main() -> None:
    """Serve on standard input and output; what libraries print goes to standard error."""
    # Ends with the pipe, whoever held its other end.
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings: PlanningSettings = _read(questions)
    resource.setrlimit(resource.RLIMIT_AS, (settings.memory_bytes, settings.memory_bytes))
    fitter = Fitter(settings)
    _warm_up()
    answers.write(framed(("done", None)))
    answers.flush()
    while True:
        try:
            question = _read(questions)
        except EOFError:
            return
        answers.write(framed(answer(fitter, question)))
        answers.flush()
        give_back_free_memory()


def _read(file: BinaryIO) -> Any:  # noqa: ANN401  what was sent
    header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    # The other end is this library, in the process that started this one.
    return pickle.loads(file.read(HEADER.unpack(header)[0]))  # noqa: S301


def _warm_up() -> None:
    """Load what a plan needs, so that the first request does not wait for it."""
    import numpy as np

    from budgetfit.planner import plan

    plan(([np.zeros((32, 32), np.uint8)], [0.0]), "warm up")


if __name__ == "__main__":
    main()
