"""Rates of runs on a GPU are told from their sizes and seconds."""

from __future__ import annotations

import pytest
from benchmarks.gpu.alone import AloneTimes
from benchmarks.gpu.report import alone_table, throughput_table, verdict
from benchmarks.gpu.throughput import Throughput, seconds_each

ALONE = [
    AloneTimes(
        "a.mp4", 9, 3796, counted, 300, plan_s=0.3, pictures_s=0.2, first_s=0.2, answer_s=2.4
    )
    for counted in (3796, 3797)
]


def run(num_requests: int, wall_s: float) -> Throughput:
    answered_s = (1.0,) * (num_requests - 1) + (wall_s,)
    return Throughput(answered_s, 1000, 300, cpu_s=0.5 * wall_s, planning_cpu_s=2 * wall_s)


def test_a_constant_loss_is_in_the_whole_and_not_in_what_lasts() -> None:
    before, in_front = [run(10, 10.0), run(30, 25.0)], [run(10, 15.0), run(30, 30.0)]
    assert seconds_each(before) == pytest.approx(0.75)
    said = verdict(ALONE, before, in_front)
    assert "equal in 1 of 2" in said
    assert f"{10 / 15:.1%} over 10 and {25 / 30:.1%} over 30" in said
    assert said.endswith("answered at 100.0%.")


def test_runs_of_one_size_tell_nothing_of_longer_ones() -> None:
    assert seconds_each([run(10, 10.0), run(10, 12.0)]) is None
    assert "longer" not in verdict(ALONE, [run(10, 10.0)], [run(10, 11.0)])


def test_tables_have_a_row_for_each_run() -> None:
    assert len(alone_table(ALONE).rows) == 2
    rows = throughput_table([run(10, 10.0)], [run(20, 20.0)]).rows
    assert {row[-2:] for row in rows} == {("0.5", "2.0")}
    assert [row[:5] for row in rows] == [
        ("plans made before", "10", "10.0 s", "1.0 s", "1.00"),
        ("planned in front", "20", "20.0 s", "1.0 s", "1.00"),
    ]
