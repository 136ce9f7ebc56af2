"""What is said of other plans is what enumeration finds, and what is said to be proved is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.explain.prices import prices_of
from budgetfit.explain.questions import Questions
from budgetfit.explain.rival import Rival
from budgetfit.problem.problem import Problem
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate
from tests.problem.sheet_strategies import sheet_optimum, sheet_problems, sheet_solutions
from tests.problem.strategies import feasible_solutions, optimum, problems

# More than all options of a small problem use.
ALL_TOKENS = 600


def all_solutions(problem: Problem) -> Iterator[Solution]:
    return sheet_solutions(problem) if problem.sheets else feasible_solutions(problem)


def optimum_of(problem: Problem) -> int | None:
    return sheet_optimum(problem) if problem.sheets else optimum(problem)


def about(problem: Problem, solution: Solution) -> Questions:
    """Questions that are solved without a gap."""
    times_s = np.arange(problem.num_candidates, dtype=np.float64)
    return Questions(problem, solution, times_s, relative_gap_limit=0.0)


def check(questions: Questions, rival: Rival | None, best: int | None) -> None:
    """Compare an answer with the optimum by enumeration."""
    if best is None:
        assert rival is None
        return
    assert rival is not None
    loss = questions.share(questions.worth - best)
    assert rival.loss == pytest.approx(loss, abs=1e-12)
    assert rival.least_loss <= loss + 1e-12


def worth(problem: Problem, solution: Solution) -> int:
    return evaluate(problem, solution).objective_value


@settings(max_examples=60)
@given(problems() | sheet_problems(), st.data())
def test_other_plans_are_those_that_enumeration_finds(
    problem: Problem, data: st.DataObject
) -> None:
    solutions = list(all_solutions(problem))
    if not solutions or not problem.total_value:
        return
    # Any plan can be asked about, the best or not.
    solution = data.draw(st.sampled_from(solutions))
    questions = about(problem, solution)
    prices = prices_of(problem, solution, questions.worth)
    for candidate in range(problem.num_candidates):
        shows = [
            any(problem.option_candidate[option] == candidate for option in other.options)
            for other in solutions
        ]
        worths = [worth(problem, other) for other in solutions]
        with_it = [w for w, shown in zip(worths, shows, strict=True) if shown]
        without_it = [w for w, shown in zip(worths, shows, strict=True) if not shown]
        bound = prices.bound_without(problem, candidate)
        assert bound is None or not without_it or max(without_it) <= bound
        without = questions.best(questions.without(candidate), bound=bound)
        check(questions, without, max(without_it, default=None))
        containing = questions.best(questions.containing(candidate))
        check(questions, containing, max(with_it, default=None))


@given(problems() | sheet_problems())
def test_prices_bound_the_best_plan_at_every_limit(problem: Problem) -> None:
    solutions = list(all_solutions(problem))
    if not solutions:
        return
    solution = max(solutions, key=lambda other: worth(problem, other))
    prices = prices_of(problem, solution, worth(problem, solution))
    # The bound is rounded down to an integer.
    bound = prices.bound(problem) + 1
    free = replace(problem, max_prompt_tokens=ALL_TOKENS)
    used = [evaluate(problem, other) for other in all_solutions(free)]
    for num_tokens in range(1, ALL_TOKENS):
        within = [one.objective_value for one in used if one.num_tokens <= num_tokens]
        if not within:
            continue
        by_price = bound + prices.token * (num_tokens - problem.max_prompt_tokens)
        assert max(within) <= by_price
        if num_tokens % 50 == 0:
            moved = prices.bound(replace(problem, max_prompt_tokens=num_tokens))
            assert max(within) <= moved <= by_price
    if problem.max_images is None:
        return
    for images in range(1, 6):
        moved_problem = replace(problem, max_images=images)
        moved = prices.bound(moved_problem)
        best = optimum_of(moved_problem)
        assert moved <= bound + prices.image * (images - problem.max_images)
        assert best is None or best <= moved


@given(problems(), st.integers(-60, 60))
def test_moved_limits_are_solved_again(problem: Problem, change: int) -> None:
    best = optimum(problem)
    if best is None or not problem.total_value or problem.max_prompt_tokens + change < 1:
        return
    solution = next(s for s in feasible_solutions(problem) if worth(problem, s) == best)
    questions = about(problem, solution)
    moved = replace(problem, max_prompt_tokens=problem.max_prompt_tokens + change)
    rival = questions.best(moved, bound=prices_of(problem, solution, best).bound(moved))
    check(questions, rival, optimum(moved))


@pytest.mark.parametrize(
    ("loss", "least_loss", "said"),
    [
        (0.0125, 0.0125, "1.2% less (proved)"),
        (0.0125, 0.0112, "1.2% less (proved: at least 1.1% less)"),
        (0.0012, -0.00051, "0.12% less (proved: at most 0.06% more)"),
        (-0.002, -0.002, "0.20% more (proved)"),
        (-0.002, -0.00311, "0.20% more (proved: at most 0.32% more)"),
        (0.0, 0.0, "as much (proved)"),
        (0.001, 0.00003, "0.10% less (proved: none is better)"),
        (0.001, 0.0, "0.10% less (proved: none is better)"),
        (0.0001, -0.00011, "0.01% less (proved: at most 0.02% more)"),
    ],
)
def test_what_is_said_to_be_proved_is_rounded_away_from_the_plan(
    loss: float, least_loss: float, said: str
) -> None:
    rival = Rival((1.0,), (), (), 700, 0.5, 0.0, loss, least_loss)
    assert rival.sentence == f"the best plan shows 50.0%, {said}"


def test_text_counts_with_pictures() -> None:
    rival = Rival((1.0,), (), (), 700, 0.5, 0.02, 0.03, 0.03)
    assert rival.sentence == (
        "the best plan shows 50.0%, 5.0% less, and text worth 2.0% more: together 3.0% less "
        "(proved)"
    )


@pytest.mark.parametrize(
    ("added_s", "dropped_s", "said"),
    [
        ((), (), ""),
        ((3.0,), (1.5,), ", with 3 s in place of 1.5 s"),
        ((3.0, 4.25), (), ", with 3 s and 4.25 s as well"),
        ((), (1.5,), ", without 1.5 s"),
        ((1.0, 2.0, 3.0, 4.0), (5.0,), ", with 4 frames in place of 5 s"),
    ],
)
def test_frames_that_changed_are_named(
    added_s: tuple[float, ...], dropped_s: tuple[float, ...], said: str
) -> None:
    rival = Rival((1.0,), added_s, dropped_s, 700, 0.5, 0.0, 0.01, 0.01)
    assert rival.sentence == f"the best plan shows 50.0%, 1.0% less (proved){said}"
