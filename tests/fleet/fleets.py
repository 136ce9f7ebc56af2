"""Random choices of jobs small enough to be enumerated."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from budgetfit.fleet.choices import Choices

__all__ = ["Jobs", "best_and_least", "choices_of", "fleets"]

Jobs = list[tuple[list[int], list[int]]]


@st.composite
def fleets(draw: st.DrawFn) -> Jobs:
    """Up to 5 jobs of up to 5 points: tokens and values, with ties."""
    number = st.integers(0, 6) | st.integers(0, 60)
    points = st.lists(st.tuples(number, number), min_size=1, max_size=5)
    jobs = draw(st.lists(points, min_size=1, max_size=5))
    return [([t for t, _ in job], [v for _, v in job]) for job in jobs]


def choices_of(jobs: Jobs) -> Choices:
    return Choices.of(jobs)


def best_and_least(jobs: Jobs, room: int) -> tuple[int, int] | None:
    """The best sum and the best least value of all choices; None where none fits."""
    fitting = []
    for picked in itertools.product(*(range(len(tokens)) for tokens, _ in jobs)):
        tokens = sum(jobs[job][0][point] for job, point in enumerate(picked))
        if tokens <= room:
            fitting.append([jobs[job][1][point] for job, point in enumerate(picked)])
    if not fitting:
        return None
    return max(map(sum, fitting)), max(map(min, fitting))
