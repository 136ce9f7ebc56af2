"""Memory of a process and all that it started, over time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MemorySample", "family_rss_mib", "watch_rss"]

_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Resident memory at one moment.

    Attributes
    ----------
    time_s : float
        Seconds since the watching began.
    own_mib : float
        Of the process itself.
    children_mib : float
        Of all that it started.
    """

    time_s: float
    own_mib: float
    children_mib: float


def family_rss_mib(pid: int) -> tuple[float, float]:
    """Return the resident MiB of a process and of its descendants, by Linux's VmRSS."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    own = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return sum(own) / 1024, sum(sum(family_rss_mib(int(child))) for child in children)


async def watch_rss(pid: int, samples: list[MemorySample]) -> None:
    """Add a sample to ``samples`` every second until cancelled."""
    began = time.perf_counter()
    while True:
        samples.append(MemorySample(time.perf_counter() - began, *family_rss_mib(pid)))
        await asyncio.sleep(_EVERY_S)
