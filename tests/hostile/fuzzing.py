"""Damaged files planned in processes that may die, hang or swell, without harm to this one."""

from __future__ import annotations

import json
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

__all__ = ["GOOD", "MAX_MIB", "Found", "fuzz"]

MAX_MIB = 1024
"""What planning a small file may have resident, in MiB."""

GOOD = {
    "plan",
    "plan with a warning",
    "VideoError",
    "VideoDecodeError",
    "VideoLimitError",
    "InfeasibleError",
}
"""What may come of a damaged file."""

# Starting takes a second or two; planning a file of some kilobytes a twentieth.
_START_S = 120
_SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one file.

    Attributes
    ----------
    number : int
        Which file of the run.
    name : str
        The whole file that it was made from.
    outcome : str
        One of ``GOOD``, or what is wrong.
    detail : str
        An error's or a warning's words, or a traceback.
    took_s : float
        Seconds.
    peak_mib : float
        Most memory resident meanwhile, in MiB.
    """

    number: int
    name: str
    outcome: str
    detail: str
    took_s: float
    peak_mib: float

    @property
    def is_good(self) -> bool:
        """Whether it is a plan or a typed error."""
        return self.outcome in GOOD


class _Worker:
    """One process; a new one where it died."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._process: subprocess.Popen[str] | None = None
        self._stderr = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._folder = tempfile.TemporaryDirectory()

    def plan(self, run: int, number: int) -> Found:
        """Have a file planned."""
        limit_s = self._limit_s
        if self._process is None:
            limit_s += _START_S
            scratch = f"{self._folder.name}/damaged.mp4"
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.hostile.fuzz_worker", scratch],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, text=True,
            )  # fmt: skip
        process = self._process
        began = time.perf_counter()
        assert process.stdin is not None
        process.stdin.write(f"{run} {number}\n")
        process.stdin.flush()
        line = _line(process, limit_s)
        found = self._answer(process, line)
        took_s = time.perf_counter() - began
        return Found(number=number, took_s=took_s, **found)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        self._stderr.close()
        self._folder.cleanup()

    def _answer(self, process: subprocess.Popen[str], line: str | None) -> dict[str, Any]:
        if line:
            answer: dict[str, Any] = json.loads(line)
            if answer["peak_mib"] > MAX_MIB:
                answer["outcome"] = "over 1 GB"
            noise = self._noise()
            return {**answer, "outcome": "wrote to stderr", "detail": noise} if noise else answer
        outcome = "hang" if line is None else "crash"
        process.kill()
        process.communicate()
        code = process.returncode
        self._process = None
        detail = f"{signal.Signals(-code).name if code < 0 else code}; {self._noise()}"
        return {"name": "", "outcome": outcome, "detail": detail, "peak_mib": 0.0}

    def _noise(self) -> str:
        self._stderr.seek(0)
        noise = self._stderr.read()
        self._stderr.seek(0)
        self._stderr.truncate()
        # SVT-AV1's encoder, which makes a whole file, tells its version.
        return "\n".join(line for line in noise.splitlines() if not line.startswith("Svt["))


def fuzz(
    run: int, numbers: range, *, limit_s: float, num_workers: int, until_s: float | None = None
) -> Iterator[Found]:
    """Plan the damaged files of these numbers, side by side; yield what came of each.

    Parameters
    ----------
    run : int
        Seed of the run.
    numbers : range
        Which files of it.
    limit_s : float
        Seconds for one file; beyond, it hangs.
    num_workers : int
        Processes.
    until_s : float, optional
        Seconds after which no further file is begun.
    """
    ends = time.monotonic() + until_s if until_s is not None else float("inf")

    def share(first: int) -> list[Found]:
        worker = _Worker(limit_s)
        try:
            mine = numbers[first::num_workers]
            return [worker.plan(run, number) for number in mine if time.monotonic() < ends]
        finally:
            worker.close()

    with ThreadPoolExecutor(num_workers) as executor:
        for found in executor.map(share, range(num_workers)):
            yield from found


def _line(process: subprocess.Popen[str], limit_s: float) -> str | None:
    """Read a line; empty where the process died, None where the time is up."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(limit_s):
            return None
    return process.stdout.readline()
