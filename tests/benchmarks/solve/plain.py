"""Random problems that every rival can state."""

from __future__ import annotations

from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from tests.problem.strategies import problems


def plain_problems() -> st.SearchStrategy[Problem]:
    """Problems with nothing but values, tokens and the number of images."""
    return problems().map(_plain)


def _plain(problem: Problem) -> Problem:
    return Problem(
        values=problem.values,
        option_candidate=problem.option_candidate,
        option_num_tokens=problem.option_num_tokens,
        prompt_options=problem.prompt_options,
        max_prompt_tokens=problem.max_prompt_tokens,
        max_images=problem.max_images,
        total_value=problem.total_value,
    )
