"""A program whose children each run the same jobs and are killed at some instant.

It imports all that they need once and forks them, so that they work from their first moment on.
Each line of its input is a life, as JSON; each line of its output what became of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import budgetfit
from budgetfit.batch.jobs import RunJob
from tests.batch.token_server import MODEL

Life = dict[str, Any]
# Small requests, which are planned in a moment.
LIMITS: dict[str, Any] = {"max_images": 1, "max_model_len": 700, "max_tokens": 10}
LOOK: dict[str, Any] = {"num_candidates": 2}


def jobs_of(clip: str, number: int) -> list[Any]:
    """So many jobs; some have ids, every fourth is equal to the one before, and one is broken."""
    jobs: list[Any] = []
    for index in range(number):
        if index % 4 == 3:
            jobs.append(jobs[-1])
        elif index == 5:
            jobs.append(("missing.mp4", "Is anybody there?"))
        else:
            name = f"job-{index}" if index % 2 else None
            jobs.append(RunJob(clip, f"Question {index}?", id=name, **LIMITS, **LOOK))
    return jobs


@contextmanager
def lives() -> Iterator[subprocess.Popen[str]]:
    """Start the program, and end it at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.batch.lives"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def live(process: subprocess.Popen[str], life: Life) -> str:
    """Have a child live, and return "killed", "done" or "failed"."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(life) + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def run(life: Life) -> None:
    """Do what a user's program does: note each result when it is handed out."""
    from budgetfit.engines import AsyncOpenAIEngine, OpenAIEngine

    kind = AsyncOpenAIEngine if life["is_async"] else OpenAIEngine
    engine: Any = kind(life["base_url"], MODEL)
    out = os.open(life["out"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for result in budgetfit.run_many(
        jobs_of(life["clip"], life["num_jobs"]),
        engine,
        journal=life["journal"],
        journaled=life["journaled"],
        ordered=life["ordered"],
        num_processes=life["num_processes"],
        concurrency=4,
    ):
        os.write(out, (json.dumps(result.to_dict()) + "\n").encode())


def main() -> None:
    # All that a run imports.
    import openai  # noqa: F401

    import budgetfit.batch.running
    import budgetfit.engines

    first = True
    for line in sys.stdin:
        life = json.loads(line)
        if first:
            budgetfit.plan(life["clip"], "warm", num_candidates=2, max_images=1)
            first = False
        pid = os.fork()
        if pid == 0:
            try:
                run(life)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if life["seconds"] is not None:
            time.sleep(life["seconds"])
            # It is no zombie's id that could be another's: nobody has waited for it yet.
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        fate = {0: "done", -signal.SIGKILL: "killed"}.get(code, "failed")
        sys.stdout.write(f"{fate}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
