from __future__ import annotations

import io
import threading

import pytest

from budgetfit.render import progress as module
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import Terminal


class Screen(io.StringIO):
    """A stream that says when something was written to it."""

    encoding = "utf-8"

    def __init__(self, tty: bool) -> None:
        super().__init__()
        self.tty = tty
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> int:
        if "frames" in text:
            self.drawn.set()
        return super().write(text)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_long_work_is_shown_on_a_terminal_and_then_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DELAY_S", 0.0)
    screen = Screen(tty=True)
    with StageProgress(Terminal(screen)) as progress:
        progress("looking at frames", 3, 33)
        assert screen.drawn.wait(60)
    assert "3 of 33" in screen.getvalue()
    # Cursor up, line cleared: nothing stays.
    assert screen.getvalue().endswith("\x1b[1A\x1b[2K")


@pytest.mark.parametrize(("tty", "delay_s"), [(True, 1000.0), (False, 0.0)])
def test_short_work_and_pipes_see_nothing(
    monkeypatch: pytest.MonkeyPatch, tty: bool, delay_s: float
) -> None:
    monkeypatch.setattr(module, "_DELAY_S", delay_s)
    screen = Screen(tty=tty)
    with StageProgress(Terminal(screen)) as progress:
        for done in range(34):
            progress("looking at frames", done, 33)
    assert screen.getvalue().strip() == ""


def test_ends_with_the_work_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DELAY_S", 0.0)
    screen = Screen(tty=True)
    progress = StageProgress(Terminal(screen))
    # Other libraries' threads may run beside, for the rest of the process.
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt), progress:
        _interrupted_work(progress, screen)
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert screen.getvalue().endswith("\x1b[1A\x1b[2K")


def _interrupted_work(progress: StageProgress, screen: Screen) -> None:
    progress("looking at frames", 1, 33)
    assert screen.drawn.wait(60)
    raise KeyboardInterrupt
