"""A problem is frozen and refuses data that makes no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from budgetfit.errors import UsageError
from budgetfit.problem.problem import Problem, PromptOption

GOOD: dict[str, Any] = {
    "values": np.array([[3, 5, 0], [1, 2, 9]]),
    "option_candidate": np.array([0, 0, 1]),
    "option_num_tokens": np.array([4, 8, 6]),
    "prompt_options": (PromptOption(5),),
    "max_prompt_tokens": 30,
    "max_images": None,
    "total_value": 20,
}


def test_counts() -> None:
    problem = Problem(**GOOD)
    assert (problem.num_moments, problem.num_options, problem.num_candidates) == (2, 3, 2)
    assert problem.candidate_starts.tolist() == [0, 2]
    assert problem.image_limit == 2
    assert Problem(**{**GOOD, "max_images": 1}).image_limit == 1


def test_arrays_are_copied_and_read_only() -> None:
    values = np.array([[1, 2, 3]])
    problem = Problem(**{**GOOD, "values": values})
    values[0, 0] = 99
    assert problem.values[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        problem.values[0, 0] = 5


def test_what_another_array_can_change_is_copied_and_nothing_else() -> None:
    values = np.array([[1, 2, 3]])
    view = values[:]
    view.setflags(write=False)
    problem = Problem(**{**GOOD, "values": view})
    values[0, 0] = 99
    assert problem.values[0, 0] == 1
    again = replace(problem, max_images=1)
    assert again.values is problem.values
    assert again.option_num_tokens is problem.option_num_tokens


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("values", np.array([[3, -1, 0]]), "not be negative; the least is -1"),
        ("values", np.zeros((1, 0)), "needs options"),
        ("option_candidate", np.array([0, 2, 2]), "rise from 0"),
        ("option_candidate", np.array([1, 1, 2]), "rise from 0"),
        ("option_candidate", np.array([0, 1]), r"shape \(2,\)"),
        ("option_num_tokens", np.array([4, 0, 6]), "the least is 0"),
        ("prompt_options", (), "0 prompt options"),
        ("prompt_options", (PromptOption(-1),), "must not be negative"),
        ("max_images", 0, "max_images is 0"),
        ("total_value", 13, "total_value is 13"),
    ],
)
def test_bad_data_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Problem(**{**GOOD, name: value})
