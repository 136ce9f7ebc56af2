"""What came of a load is told as it was."""

from __future__ import annotations

import os

from benchmarks.serve.clients import Asked, is_planned
from benchmarks.serve.memory import family_rss_mib
from benchmarks.serve.report import latency_table, load_verdict, memory_table


def asked(status: int = 200, planned: int | None = None, counted: int | None = None) -> Asked:
    return Asked(planned is not None, 0.5, status, planned, counted)


def test_every_kind_of_failure_is_counted() -> None:
    load = [asked(), asked(500), asked(502), asked(429), asked(0), asked(400)]
    load += [asked(planned=10, counted=10), asked(planned=10, counted=11)]
    said = load_verdict(64, load, [(0.0, 1.0), (60.0, 1.0)])
    assert "64 clients at once sent 8 requests in 60 s, 2 of them with a video: 3 were" in said
    assert "2 with a 5xx, 1 told to come back (429), 1 without an answer, 1 refused." in said
    assert "1 of 2 planned counts were not the server's." in said


def test_memory_is_told_by_fifths() -> None:
    rows = memory_table([(float(second), second // 2 * 100.0) for second in range(10)]).rows
    assert rows == [("mean, MiB", "0", "100", "200", "300", "400")]
    assert family_rss_mib(os.getpid()) > 1


def test_latencies_have_a_row_for_each_way() -> None:
    rows = latency_table({"text": [asked(), asked()]}).rows
    assert rows == [("text", "2", "500.0 ms", "500.0 ms")]


def test_one_client_in_eight_sends_videos() -> None:
    assert sum(map(is_planned, range(64))) == 8
