"""Fillings and exchanges are feasible, keep their images, and only ever improve."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.image_kinds import image_kinds
from budgetfit.search.pair_dual import PairDual
from budgetfit.search.sheet_exchange import exchange_images
from budgetfit.search.sheet_filling import filled, frames_exchanged
from budgetfit.search.sheet_greedy import greedy_images
from tests.problem.sheet_strategies import sheet_problems, sheet_solutions


@given(sheet_problems(), st.data())
def test_images_that_fit_are_filled_feasibly(problem: Problem, data: st.DataObject) -> None:
    kinds = image_kinds(problem)
    if not len(kinds.group):
        return
    index = st.integers(0, len(kinds.group) - 1)
    images = data.draw(st.lists(index, min_size=1, max_size=min(3, problem.image_limit)))
    solution = filled(problem, kinds, images)
    if solution is None or kinds.num_tokens[images].sum() > problem.max_picture_tokens:
        return
    broken = violations(problem, solution)
    # One level for all is left to whoever chooses the images.
    assert [words for words in broken if "resolutions" not in words] == []
    sent = Counter(int(sheet) for sheet in kinds.sheet[images] if sheet >= 0)
    assert Counter(solution.sheets) == sent


@given(sheet_problems(), st.data())
def test_exchanges_never_lose(problem: Problem, data: st.DataObject) -> None:
    solutions = list(sheet_solutions(problem))
    if not solutions or problem.option_level is not None:
        return
    start = data.draw(st.sampled_from(solutions))
    before = evaluate(problem, start).objective_value
    for exchange in (frames_exchanged, exchange_images):
        better = exchange(problem, start)
        assert violations(problem, better) == []
        assert evaluate(problem, better).objective_value >= before
    assert frames_exchanged(problem, start).sheets == start.sheets


@given(sheet_problems())
def test_greedy_images_are_feasible(problem: Problem) -> None:
    for token_price in (0.0, 3.0):
        solution = greedy_images(problem, token_price, image_price=1.0)
        if solution is not None and problem.option_level is None:
            assert violations(problem, solution) == []


@given(sheet_problems(with_rules=False))
def test_prices_of_its_own_bound_a_pair_no_worse_and_never_below(problem: Problem) -> None:
    few = [s for s in sheet_solutions(problem) if evaluate(problem, s).num_images <= 2]
    if not few:
        return
    best = max(evaluate(problem, solution).objective_value for solution in few)
    dual = PairDual(problem, np.zeros(problem.num_moments))
    dual.run(10, 0, 0)
    moment = dual.best_moment()
    common = dual.pairs.bounds(moment)
    for pair in range(len(common)):
        dual.prove(pair, 0, 0)
    own = dual.pairs.bounds(moment)
    assert (own <= common).all()
    assert own.max() >= best
