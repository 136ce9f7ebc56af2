"""Proofs are timed honestly, and bars hold only where all of them are kept."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
from benchmarks.solve.bars import bars
from benchmarks.solve.instances import Instance, Instances
from benchmarks.solve.proof_report import proof_section
from benchmarks.solve.proofs import GAP, OPTIMAL_GAP, Proof, prove
from benchmarks.solve.synthetic import random_walk

SHARES = random_walk(12, seed=0)


@pytest.mark.parametrize("max_images", [2, 5, None])
def test_a_small_instance_is_proved(max_images: int | None) -> None:
    proof = prove(Instance("made up", SHARES, 1200, max_images))
    assert proof.gap <= GAP
    assert proof.optimal_gap <= OPTIMAL_GAP
    assert proof.spent_s > 0


def proof(time_s: float, max_images: int | None) -> Proof:
    return Proof(
        instance=Instance("made up", SHARES, 1200, max_images),
        time_s=time_s,
        wide_time_s=time_s,
        optimal_time_s=time_s,
        gap=0.004,
        spent_s=time_s,
        optimal_gap=0.0,
        proved_by="lagrangian bound",
    )


GOOD = [proof(0.05, limit) for limit in (2, 8, None) for _ in range(10)]


def holds(proofs: list[Proof]) -> list[bool]:
    return [bar.holds for bar in bars(proofs)]


def test_all_bars_hold() -> None:
    assert holds(GOOD) == [True] * 5


@pytest.mark.parametrize(
    ("field", "value", "indices", "expected"),
    [
        ("time_s", 0.2, range(30), [False, True, True, True, True]),
        ("time_s", math.inf, range(2), [True, False, True, True, True]),
        ("time_s", 0.6, range(1), [True, True, True, True, True]),
        ("wide_time_s", math.inf, range(29, 30), [True, True, False, True, True]),
        ("optimal_time_s", math.inf, range(10, 16), [True, True, True, True, True]),
        ("optimal_time_s", math.inf, range(10, 17), [True, True, True, False, True]),
        ("optimal_time_s", math.inf, range(1), [True, True, True, True, False]),
        ("optimal_time_s", 0.3, range(6), [True, True, True, True, False]),
    ],
)
def test_each_bar_can_fail(field: str, value: float, indices: range, expected: list[bool]) -> None:
    changed = list(GOOD)
    for index in indices:
        changed[index] = copy.copy(GOOD[index])
        object.__setattr__(changed[index], field, value)
    assert holds(changed) == expected


def test_the_report_names_the_worst() -> None:
    slow = replace(GOOD[0], time_s=math.inf, gap=0.3)
    section = proof_section([*GOOD, slow], Instances((), ("made up",), ()))
    worst = section.tables[-1].rows[0]
    assert (worst[1], worst[3]) == ("not proved", "30.00%")
    assert all(len(row) == len(t.columns) for t in section.tables for row in t.rows)
