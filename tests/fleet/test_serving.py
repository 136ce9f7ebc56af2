"""Who is served where not all can be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.fleet.jobs import FleetJob
from budgetfit.fleet.serving import serve


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 20)), max_size=8), st.integers(1, 100))
def test_as_many_as_possible_of_the_highest_priority_first(
    asked: list[tuple[int, int]], total: int
) -> None:
    jobs = {i: FleetJob(f"{i}.mp4", priority=p) for i, (p, _) in enumerate(asked)}
    cheapest = {i: tokens for i, (_, tokens) in enumerate(asked)}
    served, refused = serve(jobs, cheapest, total)
    assert sorted([*served, *refused]) == list(jobs)
    left = total
    for priority in (2, 1, 0):
        costs = sorted(tokens for p, tokens in asked if p == priority)
        mine = [i for i in served if jobs[i].priority == priority]
        most = 0
        while most < len(costs) and sum(costs[: most + 1]) <= left:
            most += 1
        assert len(mine) == most
        left -= sum(cheapest[i] for i in mine)
    assert left >= 0


def test_the_reason_names_the_tokens_that_are_missing() -> None:
    jobs = {0: FleetJob("a.mp4", priority=1), 1: FleetJob("b.mp4")}
    served, refused = serve(jobs, {0: 40, 1: 30}, 50)
    assert served == [0]
    assert "30 prompt tokens, but 10 of total_tokens 50" in str(refused[1])
    assert "by 20" in str(refused[1])
