"""What of many points can matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from budgetfit.fleet.choices import Choices
from tests.fleet.fleets import Jobs, choices_of, fleets


@given(fleets())
def test_dominated_points_are_left_out(jobs: Jobs) -> None:
    choices = choices_of(jobs)
    kept = set(choices.undominated().tolist())
    for point in range(len(choices.value)):
        tokens, value, job = (
            int(a[point]) for a in (choices.num_tokens, choices.value, choices.job)
        )
        better = [
            other
            for other in range(len(choices.value))
            if other != point
            and choices.job[other] == job
            and choices.num_tokens[other] <= tokens
            and choices.value[other] >= value
        ]
        alike = [o for o in better if (choices.num_tokens[o], choices.value[o]) == (tokens, value)]
        dominated = len(better) > len(alike) or any(other < point for other in alike)
        assert (point in kept) == (not dominated)


@given(fleets())
def test_the_hull_is_concave_and_above_all_points(jobs: Jobs) -> None:
    choices = choices_of(jobs)
    hull = choices.hull()
    alone = choices.hull_alone()
    for job in range(choices.num_jobs):
        mine = hull[choices.job[hull] == job]
        tokens, value = choices.num_tokens[mine], choices.value[mine]
        np.testing.assert_array_equal(tokens, alone.num_tokens[alone.job == job])
        slopes = np.diff(value) / np.diff(tokens)
        assert (np.diff(slopes) < 0).all()
        points = choices.job == job
        assert tokens[0] == choices.num_tokens[points].min()
        above = np.interp(choices.num_tokens[points], tokens, value)
        assert (above >= choices.value[points] - 1e-9).all()


@pytest.mark.parametrize(
    ("tokens", "value", "starts"),
    [
        ([1, 2], [1], [0]),
        ([1, 2], [1, 2], [0, 2]),
        ([1, 2], [1, 2], [1]),
        ([-1], [1], [0]),
        ([1], [-1], [0]),
        ([2**40], [2**40], [0]),
    ],
)
def test_what_is_no_choice_is_refused(
    tokens: list[int], value: list[int], starts: list[int]
) -> None:
    with pytest.raises(ValueError, match=r"point|negative|large"):
        Choices(np.array(tokens), np.array(value), np.array(starts))
