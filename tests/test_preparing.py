"""Nothing that plans a video, or reads its pictures, is left to be loaded with the first one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import budgetfit

ANSWERED = """
import sys, threading
from budgetfit import preparing
from budgetfit.batch.jobs import RunJob
from budgetfit.batch.planning import JobPlanner
from budgetfit.plans import Plan
_, function, video = sys.argv
getattr(preparing, function)()
assert threading.active_count() == 1
job = RunJob(Plan.load(video) if video.endswith(".json") else video)
before = set(sys.modules)
JobPlanner().plan(job)
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("function", ["prepare", "prepare_pictures"])
def test_an_answer_imports_nothing_more(
    function: str, package_clips: dict[str, Path], tmp_path: Path
) -> None:
    video = package_clips["bikes"]
    if function == "prepare_pictures":
        plan = budgetfit.plan(video, max_images=2)
        video = tmp_path / "plan.json"
        plan.save(video)
    done = subprocess.run(
        [sys.executable, "-c", ANSWERED, function, str(video)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Pillow's and PyAV's own, of some milliseconds.
    left = [name for name in done.stdout.split() if not name.startswith(("PIL.", "av."))]
    assert left == []
