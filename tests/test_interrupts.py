"""Ctrl-C at any instant of planning ends it soon, in words, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.video.clips import make_clip

PATIENCE_S = 300
NUM_CI, NUM_FULL = 2, 60

# A shell has what it runs in the background ignore Ctrl-C.
PLAN = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
import budgetfit
print("ready", flush=True)
try:
    plan = budgetfit.plan(sys.argv[1], "Describe the scene.", relative_gap_limit=0)
    found = "a plan" if 0 < plan.num_tokens and plan.gap >= 0 else "nonsense"
except KeyboardInterrupt:
    found = "an interrupt"
others = [thread.name for thread in threading.enumerate() if thread.name != "MainThread"]
print(found, others, flush=True)
"""

COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from budgetfit.cli import main
print("ready", flush=True)
sys.exit(main(["plan", sys.argv[1], "--json", sys.argv[2], "--images", sys.argv[3]]))
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return ten seconds in 720p, which take a moment to look at and to plan."""
    path = tmp_path_factory.mktemp("clips") / "large.mp4"
    make_clip(path, 250, width=1280, height=720, codec_options={"preset": "ultrafast"})
    return path


class Child:
    """A process of its own group, with a folder of its own for temporary files."""

    def __init__(self, folder: Path, code: str, clip: Path) -> None:
        self.temporary, self.plan, self.pictures = folder / "tmp", folder / "p.json", folder / "i"
        self.temporary.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(clip), str(self.plan), str(self.pictures)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit code and what it wrote, once nothing is left of it."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        with pytest.raises(ProcessLookupError):
            os.killpg(self.process.pid, 0)
        assert list(self.temporary.iterdir()) == []
        return self.process.returncode, out, err


def interrupted(folder: Path, code: str, clip: Path, whole_s: float, turn: int) -> Child:
    """Start, and press Ctrl-C at a random instant of the ``whole_s`` seconds that it takes."""
    child = Child(folder, code, clip)
    time.sleep(random.Random(turn).uniform(0, whole_s))
    child.process.send_signal(signal.SIGINT)
    return child


@pytest.fixture(scope="module")
def whole_s(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Return how long each takes where nobody interrupts."""
    seconds = {}
    for code in (PLAN, COMMAND):
        child = Child(tmp_path_factory.mktemp("whole"), code, clip)
        began = time.perf_counter()
        assert child.ended()[0] == 0
        seconds[code] = time.perf_counter() - began
    return seconds


def turns(full_counts: bool) -> range:
    return range(NUM_FULL if full_counts else NUM_CI)


def test_plan_raises_or_returns(
    clip: Path, whole_s: dict[str, float], tmp_path: Path, full_counts: bool
) -> None:
    for turn in turns(full_counts):
        folder = tmp_path / str(turn)
        folder.mkdir()
        code, out, err = interrupted(folder, PLAN, clip, whole_s[PLAN], turn).ended()
        # Where Ctrl-C came too late, Python itself may answer it while it ends.
        assert code in {0, -signal.SIGINT}
        assert out in {"an interrupt []\n", "a plan []\n"}
        assert "Traceback" not in err or out == "a plan []\n"


def test_the_command_says_so_and_leaves_whole_files(
    clip: Path, whole_s: dict[str, float], tmp_path: Path, full_counts: bool
) -> None:
    for turn in turns(full_counts):
        folder = tmp_path / str(turn)
        folder.mkdir()
        child = interrupted(folder, COMMAND, clip, whole_s[COMMAND], turn)
        code, out, err = child.ended()
        # Where Ctrl-C came too late, Python itself answers it while it ends.
        if code != -signal.SIGINT:
            assert (code, err) in {(0, ""), (130, "budgetfit: interrupted\n")}
        if code != 130 or out:
            assert "of the video" in out
            assert child.pictures.exists()
        # Between the files, or before they are shown, some may be there.
        if child.pictures.exists():
            plan = json.loads(child.plan.read_bytes())
            assert len(list(child.pictures.iterdir())) == len(plan["frames"])
        elif child.plan.exists():
            assert json.loads(child.plan.read_bytes())["frames"]
