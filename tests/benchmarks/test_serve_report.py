"""What came of a load is told as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.serve.clients import Asked, is_planned
from benchmarks.serve.memory import MemorySample, family_rss_mib
from benchmarks.serve.report import latency_table, load_verdict, memory_table


def asked(status: int = 200, planned: int | None = None, counted: int | None = None) -> Asked:
    return Asked(planned is not None, 0.5, status, planned, counted)


def test_every_kind_of_failure_is_counted() -> None:
    load = [asked(), asked(500), asked(502), asked(429), asked(0), asked(400)]
    load += [asked(planned=10, counted=10), asked(planned=10, counted=11)]
    said = load_verdict(64, load, [MemorySample(0.0, 1.0, 2.0), MemorySample(60.0, 1.0, 2.0)])
    assert "64 clients at once sent 8 requests in 60 s, 2 of them with a video: 3 were" in said
    assert "2 with a 5xx, 1 told to come back (429), 1 without an answer, 1 refused." in said
    assert said.endswith("1 of 2 planned counts were not the server's.")


def test_what_was_told_instead_of_an_answer_is_in_the_report() -> None:
    load = [asked(), *[Asked(False, 0.5, 502, None, None, "it is away")] * 2]
    said = load_verdict(64, load, [MemorySample(60.0, 1.0, 2.0)])
    assert said.endswith(" 2 were told: it is away")


def test_memory_is_told_by_fifths() -> None:
    samples = [MemorySample(float(at), at // 2 * 100.0, 10.0 * at) for at in range(10)]
    assert memory_table(samples).rows == [
        ("the proxy, mean", "0", "100", "200", "300", "400"),
        ("its workers, mean", "5", "25", "45", "65", "85"),
        ("together, least", "0", "120", "240", "360", "480"),
        ("together, most", "10", "130", "250", "370", "490"),
    ]


def test_memory_is_of_a_process_and_of_what_it_started() -> None:
    with subprocess.Popen(("sh", "-c", "echo; sleep 60; :"), stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        while not (found := family_rss_mib(shell.pid))[1]:
            time.sleep(0.01)
        child = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text(encoding="ascii")
        own, others = family_rss_mib(int(child))
        os.kill(int(child), signal.SIGKILL)
    assert found[0] > 0
    assert own > 0
    assert others == 0


def test_latencies_have_a_row_for_each_way() -> None:
    rows = latency_table({"text": [asked(), asked()]}).rows
    assert rows == [("text", "2", "500.0 ms", "500.0 ms")]


def test_one_client_in_eight_sends_videos() -> None:
    assert sum(map(is_planned, range(64))) == 8
