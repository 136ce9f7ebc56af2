"""How fast many videos are asked about, what the journal costs, and what memory is held.

``python -m benchmarks.run_many`` asks a server that takes a fixed time for an answer, and writes
docs/measured/run_many.md; ``--jobs N`` and ``--memory-jobs N N`` are the numbers of jobs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.run_many.waiting_server import MODEL, waiting_server
from benchmarks.run_many.ways import PROMPT, Task, Took, measured
from benchmarks.setting import setting

import budgetfit
from budgetfit.batch.journal import Journal
from budgetfit.errors import BudgetfitError

ANSWER_S, AT_ONCE = 0.25, 8
_NUM_RECORDS = 200


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=54, help="jobs of each way")
    parser.add_argument("--memory-jobs", type=int, nargs="+", default=[50, 200])
    asked = parser.parse_args()
    memory_jobs = " ".join(map(str, asked.memory_jobs))
    clips, num_text_tokens = _clips()
    with waiting_server(ANSWER_S, AT_ONCE, num_text_tokens) as base_url:
        tables = [
            _rates(Task(base_url, MODEL, clips, asked.jobs, None)),
            _memory([Task(base_url, MODEL, clips, number, 2) for number in asked.memory_jobs]),
        ]
    text = (
        "The server is a stand-in for a busy engine, over a real socket: it takes "
        f"{ANSWER_S} s for an answer, {AT_ONCE} at once, so that at most "
        f"{AT_ONCE / ANSWER_S:.0f} come in a second, and leaves the cores to those who ask. The "
        f'jobs are {len(clips)} clips in turn, each with the prompt "{PROMPT}" and the limits of '
        "Pixtral-12B; every count is compared with the plan's. Each row is a process of its own, "
        "timed from the first job to the last answer: it includes the start of the processes that "
        "plan, decoding the pictures, and encoding them for the server. Printed by "
        f'`RUN_MANY_ARGS="--jobs {asked.jobs} --memory-jobs {memory_jobs}" make bench-run-many`.',
        "`of the server` is the share of the answers that it could have given meanwhile. `plans "
        "made before` are planned outside the time; their pictures are decoded inside it. `one by "
        "one` is a loop that plans a video, asks, and goes on to the next.",
        "A record of a journal, as long as those of these jobs, is on disk after "
        f"{_append_ms(1):.2f} ms (median of {_NUM_RECORDS}); 32 that come together are after "
        f"{_append_ms(32):.2f} ms.",
        setting(),
    )
    publish(MEASURED / "run_many.md", "What asking about many videos costs", text, tables)


def _clips() -> tuple[list[str], int]:
    """Return the clips that can be planned, and the tokens of a request beside its pictures."""
    plans = {}
    for name, path in benchmark_clips().items():
        try:
            plans[str(path)] = budgetfit.plan(path, PROMPT)
        except BudgetfitError as error:
            print(f"{name}: {error}")
    (num_text_tokens,) = {
        plan.num_tokens - sum(picture.num_tokens for picture in plan.pictures)
        for plan in plans.values()
    }
    return list(plans), num_text_tokens


def _rates(one_by_one: Task) -> Table:
    before = replace(one_by_one, planned=True, num_processes=2)
    alone = measured(one_by_one)
    ways = [
        ("plans made before, run_many, 2 processes", before),
        ("the same with a journal", replace(before, journal=True)),
        ("run_many, 2 processes", replace(one_by_one, num_processes=2)),
        ("the same with a journal", replace(one_by_one, num_processes=2, journal=True)),
        ("run_many, 1 process", replace(one_by_one, num_processes=1)),
    ]
    found = [(name, measured(task)) for name, task in ways]
    found.append(("one by one", alone))
    rows = [_rate_row(name, one_by_one.num_jobs, took, alone) for name, took in found]
    columns = ("way", "answers", "seconds", "answers/s", "of the server", "of one by one")
    return Table(f"{one_by_one.num_jobs} jobs", columns, rows)


def _rate_row(name: str, num_jobs: int, took: Took, alone: Took) -> tuple[str, ...]:
    rate = num_jobs / took.seconds
    return (
        name,
        str(num_jobs),
        f"{took.seconds:.1f}",
        f"{rate:.2f}",
        f"{rate * ANSWER_S / AT_ONCE:.0%}",
        f"{alone.seconds / took.seconds:.2f}x",
    )


def _memory(tasks: list[Task]) -> Table:
    rows = []
    for task in tasks:
        took = measured(task)
        rows.append((str(task.num_jobs), f"{took.own_mib:.0f}", f"{took.planning_mib:.0f}"))
    columns = ("jobs", "who asks, MiB", "the larger of 2 that plan, MiB")
    return Table("Largest resident memory", columns, rows)


def _append_ms(together: int) -> float:
    """Return milliseconds until records that come together are on disk."""
    record = {
        "key": "0" * 64,
        "copy": 0,
        "answer": {"text": "a robot " * 40},
        "plan": {"times_s": [0.123456789012345] * 20},
    }
    took = []
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "run.journal")
        for number in range(_NUM_RECORDS):
            records = [{**record, "copy": number * together + at} for at in range(together)]
            began = time.perf_counter()
            journal.append(records)
            took.append(time.perf_counter() - began)
        journal.close()
    return 1000 * median(took)


if __name__ == "__main__":
    main()
