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

__all__ = ["latency_table", "load_verdict", "memory_table", "write_report"]

_Samples = list[tuple[float, float]]


def write_report(
    num_clients: int,
    asked: Sequence[Asked],
    samples: _Samples,
    latencies: Mapping[str, Sequence[Asked]],
    planning: Table,
) -> None:
    """Print the page, and write it to docs/measured."""
    publish(
        MEASURED / "serve.md",
        "In front of a server",
        [
            f"{setting()} `make bench-serve`.",
            "The server is vLLM's own on this machine's processor, with a tiny Pixtral of random "
            "weights; it, the proxy, its worker and the clients share the cores, so that seconds "
            "here are those of a crowded machine. Clients are the official openai package's, and "
            "one in eight sends videos, that the server alone would refuse.",
            load_verdict(num_clients, asked, samples),
        ],
        [memory_table(samples), latency_table(latencies), planning],
    )


def load_verdict(num_clients: int, asked: Sequence[Asked], samples: _Samples) -> str:
    """Return what came of all requests under load, in sentences."""
    statuses = Counter(one.status for one in asked)
    other = {status: count for status, count in statuses.items() if status != 200}
    told = [one for one in asked if one.planned is not None]
    return (
        f"{num_clients} clients at once sent {len(asked)} requests in {samples[-1][0]:.0f} s, "
        f"{sum(one.has_video for one in asked)} of them with a video: {statuses[200]} were "
        f"answered, {sum(c for s, c in other.items() if s >= 500)} with a 5xx, "
        f"{other.get(429, 0)} told to come back (429), {other.get(0, 0)} without an answer, "
        f"{sum(c for s, c in other.items() if 400 <= s < 500 and s != 429)} refused. "
        f"{sum(one.is_wrong for one in told)} of {len(told)} planned counts were not the server's."
    )


def memory_table(samples: _Samples) -> Table:
    """Return the mean resident memory of each fifth of the run."""
    fifths = np.array_split(np.array([mib for _, mib in samples]), 5)
    return Table(
        "Resident memory of the proxy and its workers, by fifths of the run",
        ("", "first", "second", "third", "fourth", "last"),
        [("mean, MiB", *(f"{fifth.mean():.0f}" for fifth in fifths))],
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
