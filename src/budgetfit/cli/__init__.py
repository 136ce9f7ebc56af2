"""The command line: arguments in, files and words out, one exit code for each outcome.

Exit codes: 0 a plan or an answer; 2 wrong usage; 3 the video cannot be read; 4 no plan fits; 5 the
engine failed or counted otherwise; 130 interrupted. An error is one line on stderr. Where nobody
reads stdout any more, the command ends quietly: files are written before anything is shown.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from budgetfit.cli.process import noticing_interrupts, process_age_s

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 130


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    args : sequence of str, optional
        The arguments without the program's name; those of the process by default. With ``args``,
        ``timings_s`` of a plan begin at this call, otherwise where the process began.
    """
    # On the scale of time.perf_counter.
    began = time.perf_counter() - (process_age_s() if args is None else 0.0)
    with noticing_interrupts() as interrupts:
        try:
            # Here, so that an interrupt during the imports ends as any other.
            from budgetfit.cli.commands import run_commands

            code = run_commands(args, began)
        except KeyboardInterrupt:
            code = _INTERRUPTED
        except Exception:
            # Compiled packages turn an interrupt of their imports into errors of their own.
            if not interrupts:
                raise
            code = _INTERRUPTED
    if code == _INTERRUPTED:
        print("budgetfit: interrupted", file=sys.stderr)  # noqa: T201
    return code
