"""A restricted problem's solutions are the whole problem's, under other names."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.restriction import restrict
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations

from .strategies import feasible_solutions, problems


@given(problems(), st.integers(0, 2**15 - 1))
def test_solutions_of_the_restriction_are_the_whole_ones_with_kept_options(
    problem: Problem, bits: int
) -> None:
    keep = np.array([bool(bits >> option & 1) for option in range(problem.num_options)])
    keep[bits % problem.num_options] = True
    smaller = restrict(problem, keep)
    there = {smaller.to_whole(solution) for solution in feasible_solutions(smaller.problem)}
    kept = set(np.flatnonzero(keep).tolist())
    assert there == {s for s in feasible_solutions(problem) if kept.issuperset(s.options)}
    for solution in there:
        back = smaller.from_whole(solution)
        assert back is not None
        assert smaller.to_whole(back) == solution
        assert evaluate(smaller.problem, back) == evaluate(problem, solution)
        assert not violations(problem, solution)


def test_a_solution_with_an_option_left_out_has_no_place() -> None:
    problem = Problem(
        values=np.array([[1, 2, 3]]),
        option_candidate=np.array([0, 1, 2]),
        option_num_tokens=np.array([1, 1, 1]),
        prompt_options=(PromptOption(0),),
        max_prompt_tokens=9,
        max_images=None,
        total_value=3,
    )
    smaller = restrict(problem, np.array([True, False, True]))
    assert smaller.from_whole(Solution((0, 2))) == Solution((0, 1))
    assert smaller.from_whole(Solution((0, 1))) is None
