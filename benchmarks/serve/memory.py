"""Memory of a process and all that it started, over time."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

__all__ = ["family_rss_mib", "watch_rss"]

_EVERY_S = 1.0


def family_rss_mib(pid: int) -> float:
    """Return the resident MiB of a process and its descendants, by Linux's VmRSS."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    own = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return sum(own) / 1024 + sum(family_rss_mib(int(child)) for child in children)


async def watch_rss(pid: int, samples: list[tuple[float, float]]) -> None:
    """Add (seconds, MiB) to ``samples`` every second until cancelled."""
    began = time.perf_counter()
    while True:
        samples.append((time.perf_counter() - began, family_rss_mib(pid)))
        await asyncio.sleep(_EVERY_S)
