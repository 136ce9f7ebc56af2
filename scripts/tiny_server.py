"""``vllm serve`` with the tiny Pixtral on loopback, for tests and benchmarks."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tiny_pixtral import TINY_ENGINE_ENV

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TinyServer", "tiny_server"]

_START_S = 300


@dataclass
class TinyServer:
    """What ``vllm serve`` starts, on loopback; it may be killed and started again."""

    base_url: str
    model: str
    folder: Path
    port: int
    log_path: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                env=os.environ | TINY_ENGINE_ENV,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  it takes no lock
            )
        try:
            _wait_until_healthy(self.process, self.port, self.log_path)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill it with all its processes."""
        if self.process is not None:
            _kill_group(self.process)
            self.process = None

    def core(self) -> int:
        """Process that computes, which the server starts."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        (core,) = (
            int(child)
            for child in children
            if Path(f"/proc/{child}/comm").read_text(encoding="utf-8").startswith("VLLM::Engine")
        )
        return core

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "vllm.entrypoints.launchers.api_server.entry"),
            *("--model", str(self.folder), "--served-model-name", self.model),
            *("--host", "127.0.0.1", "--port", str(self.port), "--max-model-len", "4096"),
            *("--tokenizer-mode", "mistral", "--config-format", "mistral"),
            *("--load-format", "dummy", "--dtype", "float32", "--max-num-seqs", "4"),
            "--enforce-eager",
        ]


@contextmanager
def tiny_server(folder: Path, log_path: Path) -> Iterator[TinyServer]:
    """Serve the model in ``folder`` until the end of the block."""
    with _held_port() as port:
        base_url = f"http://127.0.0.1:{port}/v1"
        server = TinyServer(base_url, "tiny-pixtral", folder, port, log_path)
        try:
            server.start()
            yield server
        finally:
            server.stop()


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _end_with_parent() -> None:
    # A test run that is killed runs no fixture's end; the kernel stops the server then.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def _held_port() -> Iterator[int]:
    """Choose a free port that nobody else is given until the end of the block.

    Linux lets a second socket have the port of one that does not listen where both ask for
    SO_REUSEADDR, as vLLM's does, and gives it to nobody who takes any port.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        yield port


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    log = log_path.read_text(encoding="utf-8", errors="replace")[-4000:]
    state = f"exit status {process.poll()}"
    raise RuntimeError(f"the server did not start within {_START_S} s ({state}); its log:\n{log}")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The engine core is a process of its own; the session that the server leads holds both.
    for sign, patience_s in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    process.wait(10)
