"""What was freed goes back to the system, and so do processes' heaps of many threads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from budgetfit.processes.fork_server import ForkServer
from budgetfit.processes.worker_process import WorkerProcess
from budgetfit.serving.settings import PlanningSettings
from budgetfit.serving.worker import framed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux and glibc")

# Small pieces, of which the last stays: without help glibc keeps the room of all below it.
_FREED = """
from budgetfit.processes.memory import give_back_free_memory

def resident_mib():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 2**20

pieces = [bytearray(2000) for _ in range(100_000)]
del pieces[:-1]
before = resident_mib()
give_back_free_memory()
print(before - resident_mib())
"""


def test_freed_memory_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FREED], capture_output=True, text=True, check=True, timeout=60
    )
    assert float(done.stdout) > 100


class Freeing:
    """Answers as a planner does that frees nearly all of what it used."""

    def use(self) -> None:
        pieces = [bytearray(2000) for _ in range(100_000)]
        self.kept = pieces[-1]

    def resident_mib(self) -> float:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * 4096 / 2**20


def test_a_process_that_plans_does_so_after_each_answer() -> None:
    server = ForkServer()
    process = WorkerProcess(server, Freeing)
    try:
        _, before = process.ask("resident_mib", ())
        assert process.ask("use", ()) == ("done", None)
        _, after = process.ask("resident_mib", ())
    finally:
        server.end()
        process.close()
    assert after < before + 50


_WORKER = """
import sys
import budgetfit.serving.worker as worker
give = worker.give_back_free_memory
worker.give_back_free_memory = lambda: (give(), print("given back", file=sys.stderr))
worker.main()
"""


def test_a_worker_of_the_proxy_does_so_after_each_answer() -> None:
    asked = framed(PlanningSettings()) + 3 * framed((b"no JSON", {"model": 4096}))
    done = subprocess.run(
        [sys.executable, "-c", _WORKER], input=asked, capture_output=True, check=True, timeout=120
    )
    assert done.stderr.count(b"given back") == 3
