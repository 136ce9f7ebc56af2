"""A process that plans damaged files, told by numbers on stdin, and says what came of each."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import traceback
import warnings
from pathlib import Path

import budgetfit
from budgetfit.errors import BudgetfitError
from tests.hostile.mutations import mutated

# Far above what is allowed: it keeps the machine alive, and what is used is measured.
_ADDRESS_SPACE = 6 * 2**30
_NUM_CANDIDATES = 9
PROMPT = "Describe the scene."


def outcome(video: Path | bytes) -> dict[str, str]:
    """Plan a video and fetch the plan's pictures.

    Returns
    -------
    dict of str to str
        ``outcome``, a word, and ``detail``.
    """
    try:
        plan = budgetfit.plan(video, PROMPT, num_candidates=_NUM_CANDIDATES)
        pictures = plan.images()
    except BudgetfitError as error:
        if "\n" in str(error):
            return {"outcome": "error of several lines", "detail": str(error)}
        return {"outcome": type(error).__name__, "detail": str(error)}
    except Exception:
        return {"outcome": "traceback", "detail": traceback.format_exc()}
    if any("\n" in warning for warning in plan.warnings):
        return {"outcome": "warning of several lines", "detail": "; ".join(plan.warnings)}
    if [picture.size for picture in pictures] != [(p.width, p.height) for p in plan.pictures]:
        return {"outcome": "wrong pictures", "detail": str(plan.pictures)}
    if plan.warnings:
        return {"outcome": "plan with a warning", "detail": "; ".join(plan.warnings)}
    return {"outcome": "plan", "detail": ""}


def peak_mib() -> float:
    """Return the most memory that was resident since the last call, in MiB; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak_kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    return int(peak_kib) / 1024


def main() -> None:
    """Answer each line "RUN NUMBER" with one line of JSON.

    The argument is a file to write damaged files to.
    """
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    path = Path(sys.argv[1])
    for line in sys.stdin:
        run, number = map(int, line.split())
        name, content = mutated(run, number)
        # A file and bytes in memory are read by different ways.
        path.write_bytes(content)
        found = {"name": name, **outcome(path if number % 2 else content)}
        print(json.dumps({**found, "peak_mib": peak_mib()}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
