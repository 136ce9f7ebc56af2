"""One vLLM engine in this process and one vLLM server beside it, for the whole session."""

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
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetfit.engines import VLLMEngine
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, write_tiny_pixtral

SERVER_START_S = 300
SERVED_NAME = "tiny-pixtral"

# As torchrun sets them.
ELASTIC_VARIABLES = {
    "RANK": "0",
    "LOCAL_RANK": "0",
    "WORLD_SIZE": "1",
    "LOCAL_WORLD_SIZE": "1",
    "GROUP_RANK": "0",
    "ROLE_RANK": "0",
    "ROLE_WORLD_SIZE": "1",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_USE_AGENT_STORE": "True",
}


@dataclass
class Server:
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
                env=os.environ | TINY_ENGINE_ENV | {"VLLM_ENABLE_V1_MULTIPROCESSING": "1"},
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


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny Pixtral with random weights."""
    return write_tiny_pixtral(tmp_path_factory.mktemp("tiny-pixtral"))


@pytest.fixture(scope="session")
def engine(tiny_model: Path) -> Iterator[VLLMEngine]:
    """Start the engine in an environment as torchrun makes it, and stop it at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TINY_ENGINE_ENV.items():
            patch.setenv(name, value)
        with pytest.MonkeyPatch.context() as elastic, warnings.catch_warnings():
            # vLLM's and torch's own warnings are not ours to fail on.
            warnings.simplefilter("ignore")
            for name, value in ELASTIC_VARIABLES.items():
                elastic.setenv(name, value)
            engine = VLLMEngine(tiny_model, **TINY_ENGINE_ARGS)
            after = {name: os.environ.get(name) for name in ELASTIC_VARIABLES}
        assert after == ELASTIC_VARIABLES, "torch-elastic's variables must be put back"
        yield engine
        engine.close()


@pytest.fixture(scope="session")
def server(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server, and stop it at the end."""
    log_path = tmp_path_factory.mktemp("server") / "server.log"
    with _held_port() as port:
        base_url = f"http://127.0.0.1:{port}/v1"
        server = Server(base_url, SERVED_NAME, tiny_model, port, log_path)
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
    deadline = time.monotonic() + SERVER_START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    log = log_path.read_text(encoding="utf-8", errors="replace")[-4000:]
    state = f"exit status {process.poll()}"
    pytest.fail(f"the server did not start within {SERVER_START_S} s ({state}); its log:\n{log}")


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
