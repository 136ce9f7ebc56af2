"""The validator names every broken limit and recomputes what a solution is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from budgetfit.problem.problem import CountRule, Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations

PROBLEM = Problem(
    values=np.array([[3, 5, 0], [1, 2, 9]]),
    option_candidate=np.array([0, 0, 1]),
    option_num_tokens=np.array([4, 8, 6]),
    prompt_options=(PromptOption(5, 100), PromptOption(2, 0)),
    max_prompt_tokens=17,
    max_images=1,
    total_value=20,
)


def test_worth_by_hand() -> None:
    worth = evaluate(PROBLEM, Solution((2, 1), 0))
    assert worth.explained_value == 5 + 9
    assert worth.objective_value == 114
    assert worth.num_tokens == 8 + 6 + 5
    assert worth.num_images == 2


@pytest.mark.parametrize(
    ("solution", "broken"),
    [
        (Solution((2,), 0), []),
        (Solution((), 0), ["no picture is chosen"]),
        (
            Solution((1, 2), 0),
            ["19 tokens exceed max_prompt_tokens 17", "2 images exceed max_images 1"],
        ),
        (Solution((1, 2), 1), ["2 images exceed max_images 1"]),
        (
            Solution((0, 1), 0),
            ["candidate 0 is chosen twice", "2 images exceed max_images 1"],
        ),
        (Solution((3,), 0), ["options [3] do not exist"]),
        (Solution((0,), 2), ["prompt option 2 does not exist"]),
    ],
)
def test_violations_by_hand(solution: Solution, broken: list[str]) -> None:
    found = violations(PROBLEM, solution)
    assert found == broken


def test_broken_rules_are_named_in_the_users_words() -> None:
    problem = replace(
        PROBLEM,
        max_images=None,
        max_prompt_tokens=99,
        rules=(CountRule("large ones", (1, 2), 0, 1), CountRule("the first", (0,), 1)),
        option_level=np.array([0, 1, 0]),
    )
    assert violations(problem, Solution((0, 2))) == []
    assert violations(problem, Solution((1, 2))) == [
        "large ones: 2 instead of at most 1",
        "the first: 0 instead of at least 1",
        "pictures have 2 resolutions instead of one",
    ]
