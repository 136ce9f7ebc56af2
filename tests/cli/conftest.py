"""A clip that is planned in a moment, and the command line inside and outside this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from budgetfit.cli import main
from tests.video.clips import make_clip


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The error, which must be one line and the only thing said."""
        assert self.err.count("\n") == 1
        assert self.err.startswith("budgetfit: error: ")
        assert self.out == ""
        return self.err.removeprefix("budgetfit: error: ").rstrip("\n")


Command = Callable[..., Outcome]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second of numbered pictures."""
    path = tmp_path_factory.mktemp("clips") / "numbers.mp4"
    make_clip(path, 25, width=160, height=96)
    return path


@pytest.fixture
def budgetfit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the command line, run in this process on 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*args: str | Path | int) -> Outcome:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what asks for colours, with ``changes``."""
    names = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLORTERM", "PYTHONIOENCODING")
    return {k: v for k, v in os.environ.items() if k not in names} | changes


def process(*args: str | Path, env: dict[str, str] | None = None, **options: Any) -> Any:
    """Start ``python -m budgetfit`` with pipes, which ``options`` may replace.

    It listens to SIGINT even where the tests run as a background job, which does not.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-m", "budgetfit", *map(str, args)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, env=environment(**(env or {})), **pipes)
    finally:
        signal.signal(signal.SIGINT, before)
