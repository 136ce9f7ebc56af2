"""One way to get many answers, timed in a process of its own.

``python -m benchmarks.run_many.ways`` reads what to do from its input and prints what it took, both
as JSON.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit import RunResult

__all__ = ["PROMPT", "Task", "Took", "measured", "repeated"]

PROMPT = "Describe the scene."

_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be measured.

    Attributes
    ----------
    base_url, model : str
        The server.
    clips : list of str
        Paths.
    num_jobs : int
        Jobs, the clips in turn.
    num_processes : int or None
        Processes of ``run_many`` that plan; None for a loop that plans, asks, and plans the next.
    planned : bool
        Whether the plans are made before, and not measured.
    journal : bool
        Whether there is one, in the folder for temporary files.
    """

    base_url: str
    model: str
    clips: list[str]
    num_jobs: int
    num_processes: int | None
    planned: bool = False
    journal: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """What it took.

    Attributes
    ----------
    seconds : float
        From the first job to the last answer, the start of processes included.
    own_mib : float
        Largest resident memory of the process that asks.
    planning_mib : float
        That of the largest process that plans; 0 without one.
    """

    seconds: float
    own_mib: float
    planning_mib: float


def repeated(clips: list[str], count: int) -> list[str]:
    """Return so many clips: each in turn, from the first again after the last."""
    return list(islice(cycle(clips), count))


def measured(task: Task) -> Took:
    """Measure a task in a new process.

    Raises
    ------
    subprocess.CalledProcessError
        A job had no answer, or the process failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run_many.ways"],
        input=json.dumps(dataclasses.asdict(task)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Took(**json.loads(done.stdout))


class _LargestPlanner(threading.Thread):
    """Looks at what planning processes held at most, which the kernel keeps while they live.

    They are the children's children.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kib = 0

    def run(self) -> None:
        """Look until the program ends."""
        while True:
            for pid in (pid for child in _children("self") for pid in _children(child)):
                try:
                    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
                except OSError:
                    continue
                peak = [line.split()[1] for line in status.splitlines() if "VmHWM" in line]
                self.kib = max([self.kib, *map(int, peak)])
            time.sleep(_LOOK_S)


def _children(process: str) -> Iterator[str]:
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            yield from path.read_text(encoding="ascii").split()
        except OSError:
            continue


def _one_by_one(task: Task) -> None:
    import budgetfit
    from budgetfit.engines import OpenAIEngine

    with OpenAIEngine(task.base_url, task.model) as engine:
        for clip in repeated(task.clips, task.num_jobs):
            budgetfit.plan(clip, PROMPT).run(engine)


def _many(task: Task, jobs: list[Any], journal: Path | None) -> None:
    from budgetfit import run_many
    from budgetfit.engines import AsyncOpenAIEngine

    results = run_many(
        jobs,
        AsyncOpenAIEngine(task.base_url, task.model),
        journal=journal,
        num_processes=task.num_processes,
        close_engine=True,
        progress=False,
    )
    for result in results:
        _check(result)


def _check(result: RunResult) -> None:
    if result.error is not None:
        raise result.error


def main() -> None:
    """Measure the task on standard input."""
    import budgetfit

    task = Task(**json.load(sys.stdin))
    jobs: list[Any] = [(clip, PROMPT) for clip in repeated(task.clips, task.num_jobs)]
    if task.planned:
        plans = {clip: budgetfit.plan(clip, PROMPT) for clip, _ in jobs}
        jobs = [plans[clip] for clip, _ in jobs]
    largest = _LargestPlanner()
    largest.start()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        if task.num_processes is None:
            _one_by_one(task)
        else:
            _many(task, jobs, Path(folder) / "run.journal" if task.journal else None)
        seconds = time.perf_counter() - began
    own_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = Took(seconds, own_kib / 1024, largest.kib / 1024)
    print(json.dumps(dataclasses.asdict(took)))


if __name__ == "__main__":
    main()
