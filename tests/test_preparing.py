"""Nothing that plans a video is left to be loaded with the first one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLANNED = """
import sys, threading
from budgetfit.batch.jobs import RunJob
from budgetfit.batch.planning import JobPlanner
from budgetfit.preparing import prepare
prepare()
assert threading.active_count() == 1
before = set(sys.modules)
JobPlanner().plan(RunJob(sys.argv[1], "Describe the video."))
print(*sorted(set(sys.modules) - before))
"""


def test_a_plan_imports_nothing_more(package_clips: dict[str, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLANNED, str(package_clips["bikes"])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Pillow's and PyAV's own, of some milliseconds.
    left = [name for name in done.stdout.split() if not name.startswith(("PIL.", "av."))]
    assert left == []
