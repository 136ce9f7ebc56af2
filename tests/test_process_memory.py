"""What was freed goes back to the system, and so do processes' heaps of many threads."""

from __future__ import annotations

import subprocess
import sys

import pytest

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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux and glibc")
def test_freed_memory_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FREED], capture_output=True, text=True, check=True, timeout=60
    )
    assert float(done.stdout) > 100
