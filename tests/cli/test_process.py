from __future__ import annotations

import errno
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from budgetfit.cli import main
from budgetfit.cli.process import noticing_interrupts, process_age_s
from tests.cli.conftest import process

PATIENCE_S = 300
PRESSES = 60
LOADED = time.perf_counter()


def test_the_process_is_older_than_its_modules() -> None:
    elapsed_s = time.perf_counter() - LOADED
    assert process_age_s() >= elapsed_s
    assert process_age_s() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_a_new_process_is_young() -> None:
    began = time.perf_counter()
    code = "from budgetfit.cli.process import process_age_s; print(process_age_s())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    # The clock of process starts ticks a hundred times a second.
    assert 0 < float(done.stdout) <= time.perf_counter() - began + 0.02


def test_interrupts_are_noticed_and_the_handler_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with noticing_interrupts() as interrupts:
            assert interrupts == []
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert interrupts == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_within_the_import_system_comes_later() -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with noticing_interrupts() as interrupts:
            here = sys._getframe()
            importing = compile(
                "handler(2, sys._getframe())", "<frozen importlib._bootstrap>", "exec"
            )
            exec(importing, {"handler": signal.getsignal(signal.SIGINT), "sys": sys})
            assert (interrupts, here) == ([signal.SIGINT], sys._getframe())
            with pytest.raises(KeyboardInterrupt):
                time.sleep(PATIENCE_S)
            assert interrupts == [signal.SIGINT] * 2
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_of_somebody_else_stays() -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with noticing_interrupts():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_works_outside_the_main_thread(clip: Path, tmp_path: Path) -> None:
    codes: list[int] = []
    target = str(tmp_path / "plan.json")
    thread = threading.Thread(
        target=lambda: codes.append(main(["plan", str(clip), "--json", target]))
    )
    thread.start()
    thread.join(PATIENCE_S)
    assert codes == [0]


def test_plan_in_a_process_of_its_own(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    began = time.perf_counter()
    running = process("plan", clip, "--json", target, env={"COLUMNS": "60"})
    out, err = running.communicate(timeout=PATIENCE_S)
    elapsed_s = time.perf_counter() - began
    assert (running.returncode, err) == (0, b"")
    assert b"\x1b" not in out
    assert max(map(len, out.decode().splitlines())) <= 60
    times = json.loads(target.read_bytes())["timings_s"]
    # The interpreter and the imports before the plan are part of both.
    assert 0 < times["import"] < times["total"] <= elapsed_s + 0.02


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_encoding_will_do(clip: Path, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "prompt").write_text("größer 大", encoding="utf-8")
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
    running = process("plan", clip, "--prompt-file", tmp_path / "prompt", env=environment)
    out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err) == (0, b"")
    assert rb"\u5927" in out
    assert ("größer" in out.decode("latin-1")) is (encoding == "latin-1")
    assert b"#" in out


def read_terminal(master: int) -> bytes:
    """Read until the other end is closed, which Linux tells as an error."""
    chunks = []
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            break
        chunks.append(chunk)
    os.close(master)
    return b"".join(chunks)


@pytest.mark.parametrize(
    ("environment", "styled"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_styles_unless_none_are_wanted(
    clip: Path, environment: dict[str, str], styled: bool
) -> None:
    master, slave = pty.openpty()
    running = process("plan", clip, env={"TERM": "xterm-256color", **environment}, stdout=slave)
    os.close(slave)
    out = read_terminal(master)
    assert running.communicate(timeout=PATIENCE_S)[1] == b""
    assert running.returncode == 0
    assert b"of the video" in out
    assert (b"\x1b" in out) is styled


@pytest.mark.parametrize("args", [["plan", "CLIP"], ["profiles"], ["--version"], ["--help"]])
def test_a_closed_pipe_is_quiet(clip: Path, args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    running = process(*[arg.replace("CLIP", str(clip)) for arg in args], stdout=writing)
    os.close(writing)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err) == (0, b"")


def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "wb") as full:
        running = process("profiles", stdout=full)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 2
    assert err.startswith(b"budgetfit: error: cannot write to <stdout>: No space left")
    assert err.count(b"\n") == 1


def test_interrupted_is_130(clip: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "prompt"
    os.mkfifo(fifo)
    running = process("plan", clip, "--prompt-file", fifo, "--images", tmp_path / "pictures")
    # Opening waits for the reader: the command is at work, and stays at it.
    with open(fifo, "wb"):
        # A signal just before the read begins does not end it; a person would press again.
        for _ in range(PRESSES):
            running.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                out, err = running.communicate(timeout=PATIENCE_S / PRESSES)
                break
        else:
            pytest.fail("still running after many interrupts")
    assert (running.returncode, out, err) == (130, b"", b"budgetfit: interrupted\n")
    assert not (tmp_path / "pictures").exists()


def test_interrupted_while_planning_is_130(clips_dir: Path) -> None:
    master, slave = pty.openpty()
    video = clips_dir / "edge_6min_black_4k.mp4"
    running = process("plan", video, env={"TERM": "xterm"}, stderr=slave)
    os.close(slave)
    seen = b""
    while b"looking at frames" not in seen and running.poll() is None:
        seen += os.read(master, 65536)
    running.send_signal(signal.SIGINT)
    rest = read_terminal(master)
    assert running.wait(PATIENCE_S) == 130
    assert running.stdout.read() == b""
    running.stdout.close()
    assert rest.endswith(b"budgetfit: interrupted\r\n")
    assert b"Traceback" not in rest


def test_main_reads_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["anything", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("budgetfit ")


def test_an_error_that_an_interrupt_became_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted_import(*_: object) -> int:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:
            raise ImportError("half a module") from error
        return 0

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr("budgetfit.cli.commands.run_commands", interrupted_import)
    try:
        assert main([]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "budgetfit: interrupted\n"
    monkeypatch.setattr("budgetfit.cli.commands.run_commands", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        main([])


def test_stdout_without_a_file_takes_words(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["profiles"]) == 0
    assert "cosmos-transfer1" in stream.getvalue()
