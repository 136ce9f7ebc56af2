"""Workers are forked from a process that has everything loaded, and none of them outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from budgetfit.errors import BudgetfitError, VideoError
from budgetfit.processes.fork_server import ForkServer
from budgetfit.processes.worker_process import WorkerProcess

CALLS: list[str] = []


def note() -> None:
    CALLS.append("prepared")


def wait_long() -> None:
    time.sleep(600)


def fail() -> None:
    raise ImportError("it cannot be loaded")


class Telling:
    """Answers with what its process knows."""

    def calls(self) -> list[str]:
        return CALLS

    def parents(self) -> tuple[int, int]:
        return os.getppid(), threading.active_count()

    def echo(self, data: bytes) -> bytes:
        return data

    def sleep(self) -> None:
        time.sleep(600)

    def leave(self, code: int) -> None:
        os._exit(code)

    def variable(self, name: str) -> str | None:
        return os.environ.get(name)

    def priorities(self) -> list[int]:
        pids = os.getppid(), os.getpid()
        return [os.getpriority(os.PRIO_PROCESS, pid) for pid in pids]


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer(note, {"BUDGETFIT_TEST": "told"})
    yield server
    server.end()


Start = Callable[[ForkServer], WorkerProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return what starts a worker of a server, which is closed once the test has ended both."""
    started: list[WorkerProcess] = []

    def start(server: ForkServer) -> WorkerProcess:
        started.append(WorkerProcess(server, Telling))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.close()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_workers_have_what_was_prepared_once(server: ForkServer, start: Start) -> None:
    workers = [start(server) for _ in range(3)]
    assert len({worker.pid for worker in workers}) == 3
    parents = set()
    for worker in workers:
        assert worker.ask("calls", ()) == ("done", ["prepared"])
        assert worker.ask("variable", ("BUDGETFIT_TEST",)) == ("done", "told")
        _, (parent, _) = worker.ask("parents", ())
        parents.add(parent)
    assert len(parents) == 1
    assert os.getpid() not in parents
    assert CALLS == []


def test_large_questions_and_answers(server: ForkServer, start: Start) -> None:
    worker = start(server)
    data = os.urandom(5_000_000)
    assert worker.ask("echo", (data,)) == ("done", data)


def test_workers_give_way_and_the_process_that_forks_them_does_not(start: Start) -> None:
    server = ForkServer(niceness=7)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    worker = start(server)
    # Linux has none above 19.
    assert worker.ask("priorities", ()) == ("done", [own, min(own + 7, 19)])
    # Linux may share cores between sessions before it looks at single processes.
    assert os.getsid(worker.pid) == os.getsid(0)
    # Ctrl-C goes to a group.
    assert os.getpgid(worker.pid) != os.getpgid(0)
    server.end()


def test_a_worker_that_leaves_is_replaced(server: ForkServer, start: Start) -> None:
    worker, other = start(server), start(server)
    before = worker.pid
    kind, error = worker.ask("leave", (7,))
    assert kind == "error"
    assert isinstance(error, VideoError)
    assert "exit code 7" in str(error)
    assert not is_alive(before)
    assert worker.ask("calls", ()) == ("done", ["prepared"])
    assert other.ask("calls", ()) == ("done", ["prepared"])


def test_the_end_is_that_of_all_workers_whatever_they_do(server: ForkServer, start: Start) -> None:
    workers = [start(server) for _ in range(2)]
    _, (parent, _) = workers[0].ask("parents", ())
    threads = [threading.Thread(target=worker.ask, args=("sleep", ())) for worker in workers]
    for worker, thread in zip(workers, threads, strict=True):
        thread.start()
        worker.kill()
    server.end()
    for worker, thread in zip(workers, threads, strict=True):
        thread.join(10)
        assert not thread.is_alive()
        worker.close()
        assert not is_alive(worker.pid)
    assert not is_alive(parent)
    with pytest.raises(BudgetfitError, match="was ended"):
        server.fork()


def test_the_end_waits_for_no_preparation() -> None:
    server = ForkServer(wait_long)
    errors: list[BudgetfitError] = []

    def fork() -> None:
        try:
            server.fork()
        except BudgetfitError as error:
            errors.append(error)

    threads = [threading.Thread(target=fork) for _ in range(2)]
    for thread in threads:
        thread.start()
    while server._requests is None:
        time.sleep(0.01)
    server.end()
    for thread in threads:
        thread.join(10)
    assert ["was ended" in str(error) for error in errors] == [True, True]


def test_a_server_that_was_killed_is_started_again(server: ForkServer, start: Start) -> None:
    worker = start(server)
    _, (parent, _) = worker.ask("parents", ())
    os.kill(parent, signal.SIGKILL)
    # Those that it forked go on.
    assert worker.ask("calls", ()) == ("done", ["prepared"])
    other = start(server)
    _, (second_parent, _) = other.ask("parents", ())
    assert second_parent != parent
    kind, error = worker.ask("leave", (7,))
    assert kind == "error"
    assert "exit code None" in str(error)
    assert worker.ask("calls", ()) == ("done", ["prepared"])


def test_a_worker_that_could_not_be_started_again_is_later(
    server: ForkServer, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = start(server)
    _, (parent, _) = worker.ask("parents", ())
    os.kill(parent, signal.SIGKILL)
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        for _ in range(2):
            with pytest.raises(BudgetfitError, match="ended with exit code 1"):
                worker.ask("leave", (7,))
    assert worker.ask("calls", ()) == ("done", ["prepared"])


def test_what_cannot_be_prepared_is_told_and_workers_start(
    start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    server = ForkServer(fail)
    try:
        assert start(server).ask("calls", ()) == ("done", [])
    finally:
        server.end()
    assert "it cannot be loaded" in capfd.readouterr().err


def test_one_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    server = ForkServer()
    with pytest.raises(BudgetfitError, match="ended with exit code 1"):
        server.fork()
    server.end()


KILLED = """
import os, signal, sys
from budgetfit.processes.fork_server import ForkServer
from budgetfit.processes.worker_process import WorkerProcess
from tests.processes.test_fork_server import Telling
server = ForkServer()
worker = WorkerProcess(server, Telling)
print(worker.pid, worker.ask("parents", ())[1][0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_outlives_who_started_it() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, pids))
