"""The images of a solution hold its options, each once, in time order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.images import images_of
from budgetfit.problem.problem import Problem
from budgetfit.problem.solution import Solution
from tests.problem.sheet_strategies import sheet_problems, sheet_solutions


@given(sheet_problems(), st.data())
def test_images_are_the_solutions_own(problem: Problem, data: st.DataObject) -> None:
    solutions = list(sheet_solutions(problem))
    if not solutions:
        return
    solution = data.draw(st.sampled_from(solutions))
    images = images_of(problem, solution)
    assert sorted(option for options, _ in images for option in options) == list(solution.options)
    sheets = tuple(sheet for _, sheet in images if sheet is not None)
    assert Solution(solution.options, solution.prompt, sheets) == solution
    assert [options for options, _ in images] == sorted(options for options, _ in images)
    for options, sheet in images:
        assert len(options) == (1 if sheet is None else problem.sheets[sheet].num_tiles)
    of_one_kind: dict[int, list[int]] = {}
    for options, sheet in images:
        if sheet is not None:
            of_one_kind.setdefault(problem.sheets[sheet].tile, []).extend(options)
    assert all(options == sorted(options) for options in of_one_kind.values())
