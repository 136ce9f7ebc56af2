"""``python -m benchmarks.serve``: the proxy before a real server, under load and beside none.

Many clients at once for a minute: wrong counts, errors, and memory over time. Then the same short
requests by one client with the proxy and without it, and how many videos are planned in a second by
one worker and by two. It writes docs/measured/serve.md.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from benchmarks.clips import benchmark_clips
from benchmarks.reports import Table
from benchmarks.serve.clients import Asked, ask_for
from benchmarks.serve.memory import MemorySample, watch_rss
from benchmarks.serve.report import write_report

from tiny_pixtral import write_tiny_pixtral
from tiny_server import TinyServer, tiny_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a client would send in a request; and clips that show how a reader of files fails.
_MAX_BYTES = 8 * 2**20
_EDGE = "edge_"
_ALONE_S = 8.0
_WORKERS = (1, 2)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running ``budgetfit serve``."""

    base_url: str
    pid: int


def main() -> None:
    """Read the options, start the server, and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve")
    parser.add_argument("--clients", type=int, default=64, help="clients at once")
    parser.add_argument("--seconds", type=float, default=60, help="seconds of the load")
    options = parser.parse_args()
    clips = [
        path
        for name, path in benchmark_clips().items()
        if not name.startswith(_EDGE) and path.stat().st_size <= _MAX_BYTES
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tiny_server(write_tiny_pixtral(folder / "model"), folder / "log") as server:
            measure(server, clips, options.clients, options.seconds)


def measure(server: TinyServer, clips: Sequence[Path], num_clients: int, seconds: float) -> None:
    """Measure everything and write the page."""
    videos = [_part(clip) for clip in clips]
    with _proxy(server) as proxy:
        asyncio.run(ask_for(0, num_clients, proxy.base_url, server.model, videos))
        samples: list[MemorySample] = []
        asked = asyncio.run(_loaded(proxy, server, videos, num_clients, seconds, samples))
        latencies = _latencies(proxy, server, videos, num_clients)
    planning = Table(
        "Videos planned in a second by the proxy, each for the first time",
        ("workers", "videos", "videos a second"),
        [_planning_row(server, clips, workers) for workers in _WORKERS],
    )
    write_report(num_clients, seconds, asked, samples, latencies, planning)


async def _loaded(
    proxy: Proxy,
    server: TinyServer,
    videos: Sequence[dict[str, Any]],
    num_clients: int,
    seconds: float,
    samples: list[MemorySample],
) -> list[Asked]:
    watching = asyncio.create_task(watch_rss(proxy.pid, samples))
    try:
        return await ask_for(seconds, num_clients, proxy.base_url, server.model, videos)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _latencies(
    proxy: Proxy, server: TinyServer, videos: Sequence[dict[str, Any]], num_clients: int
) -> dict[str, list[Asked]]:
    """Return requests of one client, with the proxy and without it, and of many."""

    def ask(base_url: str, count: int, parts: Sequence[dict[str, Any]]) -> list[Asked]:
        return asyncio.run(ask_for(_ALONE_S, count, base_url, server.model, parts))

    found: dict[str, list[Asked]] = {}
    # By turns, so that what else the machine does meets both.
    for _ in range(2):
        for count in (1, num_clients):
            clients = "one client" if count == 1 else f"{count} clients"
            for way, base_url in (("proxy", proxy.base_url), ("server alone", server.base_url)):
                name = f"text, {clients}, {way}"
                found[name] = found.get(name, []) + ask(base_url, count, [])
    found["a video seen before, one client, proxy"] = ask(proxy.base_url, 1, videos[:1])
    return found


def _planning_row(
    server: TinyServer, clips: Sequence[Path], num_workers: int
) -> tuple[str, str, str]:
    """Return how fast so many workers plan clips that they have not seen."""

    async def plan_all(base_url: str) -> None:
        async with httpx.AsyncClient(base_url=base_url, timeout=300) as client:
            bodies = [
                {"model": server.model, "messages": [{"role": "user", "content": [_part(clip)]}]}
                for clip in clips
            ]
            answers = await asyncio.gather(*(client.post("/plan", json=body) for body in bodies))
        for answer in answers:
            answer.raise_for_status()

    with _proxy(server, "--workers", str(num_workers)) as proxy:
        began = time.perf_counter()
        asyncio.run(plan_all(proxy.base_url))
        seconds = time.perf_counter() - began
    return str(num_workers), str(len(clips)), f"{len(clips) / seconds:.2f}"


def _part(clip: Path) -> dict[str, Any]:
    data = base64.b64encode(clip.read_bytes()).decode("ascii")
    return {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{data}"}}


@contextmanager
def _proxy(server: TinyServer, *options: str) -> Iterator[Proxy]:
    """Run ``budgetfit serve`` until the end of the block."""
    command = (sys.executable, "-m", "budgetfit", "serve", "--base-url", server.base_url)
    with subprocess.Popen(
        [*command, "--port", "0", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the process was started with a pipe")
            words = process.stdout.readline().split()
            if words[:2] != ["listening", "on"]:
                raise RuntimeError("the proxy did not start; it said why on stderr")
            yield Proxy(words[2].rstrip(","), process.pid)
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
