"""The page of a run of the proxy."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.serve.clients import Asked
    from benchmarks.serve.memory import MemorySample

__all__ = ["latency_table", "load_verdict", "memory_table", "write_report"]

_PARTS = ("first", "second", "third", "fourth", "last")


def write_report(
    num_clients: int,
    seconds: float,
    asked: Sequence[Asked],
    samples: Sequence[MemorySample],
    latencies: Mapping[str, Sequence[Asked]],
    planning: Table,
) -> None:
    """Print the page, and write it to docs/measured."""
    publish(
        MEASURED / "serve.md",
        "In front of a server",
        [
            f"{setting()} "
            f'`SERVE_ARGS="--clients {num_clients} --seconds {seconds:g}" make bench-serve`.',
            "The server is vLLM's own on this machine's processor, with a tiny Pixtral of random "
            "weights; it, the proxy, its worker and the clients share the cores, so that seconds "
            "here are those of a crowded machine. Clients are the official openai package's, and "
            "one in eight sends videos, that the server alone would refuse.",
            load_verdict(num_clients, asked, samples),
        ],
        [memory_table(samples), latency_table(latencies), planning],
    )


def load_verdict(num_clients: int, asked: Sequence[Asked], samples: Sequence[MemorySample]) -> str:
    """Return what came of all requests under load, in sentences."""
    statuses = Counter(one.status for one in asked)
    other = {status: count for status, count in statuses.items() if status != 200}
    told = [one for one in asked if one.planned is not None]
    return (
        f"{num_clients} clients at once sent {len(asked)} requests in {samples[-1].time_s:.0f} s, "
        f"{sum(one.has_video for one in asked)} of them with a video: {statuses[200]} were "
        f"answered, {sum(c for s, c in other.items() if s >= 500)} with a 5xx, "
        f"{other.get(429, 0)} told to come back (429), {other.get(0, 0)} without an answer, "
        f"{sum(c for s, c in other.items() if 400 <= s < 500 and s != 429)} refused. "
        f"{sum(one.is_wrong for one in told)} of {len(told)} planned counts were not the server's."
        + "".join(
            f" {count} were told: {error}"
            for error, count in Counter(one.error for one in asked if one.error).items()
        )
    )


def memory_table(samples: Sequence[MemorySample]) -> Table:
    """Return the resident memory of each fifth of the run."""
    own = np.array_split([sample.own_mib for sample in samples], len(_PARTS))
    workers = np.array_split([sample.children_mib for sample in samples], len(_PARTS))
    both = [one + other for one, other in zip(own, workers, strict=True)]
    rows = (
        ("the proxy, mean", own, np.mean),
        ("its workers, mean", workers, np.mean),
        ("together, least", both, np.min),
        ("together, most", both, np.max),
    )
    return Table(
        "Resident memory in MiB, by fifths of the run",
        ("", *_PARTS),
        [(name, *(f"{told(part):.0f}" for part in parts)) for name, parts, told in rows],
    )


def latency_table(latencies: Mapping[str, Sequence[Asked]]) -> Table:
    """Return percentiles of the seconds of each kind of request."""
    return Table(
        "Seconds to the whole answer of two tokens",
        ("request", "clients' requests", "median", "95 of 100 within"),
        [
            (
                name,
                str(len(asked)),
                _milliseconds(statistics.median(one.seconds for one in asked)),
                _milliseconds(float(np.percentile([one.seconds for one in asked], 95))),
            )
            for name, asked in latencies.items()
        ],
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
