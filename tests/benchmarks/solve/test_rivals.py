"""All ways are run on the same instance, and losses are told."""

from __future__ import annotations

import pytest
from benchmarks.solve.instances import Instance
from benchmarks.solve.outcome import Outcome, judge
from benchmarks.solve.rival_report import rival_section
from benchmarks.solve.rivals import OURS, OURS_LONGER, RIVALS, Match, match, sample
from benchmarks.solve.synthetic import random_walk

from budgetfit.problem.solution import Solution

SHARES = random_walk(10, seed=0)


def test_a_match_has_every_way_and_no_value_above_the_bound() -> None:
    found = match(Instance("made up", SHARES, 600, 3))
    assert set(found.outcomes) == {OURS, OURS_LONGER, *RIVALS}
    for outcome in found.outcomes.values():
        assert outcome.value is not None
        assert 0 < outcome.value <= found.bound


def test_a_sample_is_seeded_and_in_order() -> None:
    pool = [Instance("made up", SHARES, room, 3) for room in range(100, 200)]
    chosen = sample(pool, 10)
    assert chosen == sample(pool, 10)
    rooms = [instance.max_prompt_tokens for instance in chosen]
    assert rooms == sorted(set(rooms))
    assert len(rooms) == 10
    assert sample(pool[:4], 10) == pool[:4]


@pytest.mark.parametrize(
    ("longer", "also"), [(1000, "yes"), (1020, "no")], ids=["never caught", "caught later"]
)
def test_a_loss_is_named(longer: int, also: str) -> None:
    outcomes = {name: Outcome(1000, None, 1.0) for name in RIVALS}
    outcomes |= {
        OURS: Outcome(1000, 1050, 0.5),
        OURS_LONGER: Outcome(longer, 1050, 5.0),
        "HiGHS": Outcome(1010, 1040, 2.0),
        "naive CP-SAT": Outcome(None, None, 10.0),
    }
    found = Match(Instance("made up", SHARES, 600, 3), outcomes)
    assert found.bound == 1040
    section = rival_section([found], 7)
    summary, losses, each = section.tables
    (loss,) = losses.rows
    assert loss[1:3] == ["HiGHS", "+1.0000%"]
    assert loss[4] == also
    assert all(len(row) == len(t.columns) for t in section.tables for row in t.rows)
    assert summary.rows[3][:3] == ["HiGHS", "1 of 1", "0 of 1"]
    assert "none" in each.rows[0][3]


def test_what_is_infeasible_or_above_its_bound_is_an_error() -> None:
    problem = SHARES.problem(600, 3)
    with pytest.raises(RuntimeError, match="infeasible"):
        judge(problem, Solution((0, 1)), None, 0.0)
    with pytest.raises(RuntimeError, match="below the value"):
        judge(problem, Solution((0,)), 0, 0.0)
