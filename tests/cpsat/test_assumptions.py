"""Conflicts are irreducible and least changes are least, by enumeration."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from budgetfit.cpsat.assumptions import (
    Demand,
    DemandKind,
    demands_of,
    irreducible_conflict,
    least_change,
)
from budgetfit.problem.problem import CountRule, Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import violations
from tests.cpsat.test_search import hard_problem
from tests.problem.sheet_strategies import sheet_problems, sheet_solutions
from tests.problem.strategies import feasible_solutions, problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
AT_LEAST = {DemandKind.PICTURE, DemandKind.MINIMUM}


@st.composite
def tight_problems(draw: st.DrawFn) -> Problem:
    """Mostly problems without a solution, for one or several reasons; some with sheets."""
    with_sheets = draw(st.integers(0, 3)) == 0
    problem = draw(sheet_problems() if with_sheets else problems(max_images=st.none()))
    reasons = draw(st.sets(st.sampled_from(["tokens", "images", "rules", "level"]), min_size=1))
    option = st.integers(0, problem.num_options - 1)
    everything = tuple(range(problem.num_options))
    rules = list(draw(st.sampled_from([problem.rules, ()])))
    if "images" in reasons:
        rules.append(CountRule("of all", everything, draw(st.integers(1, 3))))
    if "rules" in reasons:
        number = draw(st.integers(1, 3))
        rules += [
            CountRule("of all", everything, minimum=draw(st.integers(0, number))),
            CountRule("of many", everything[1:], maximum=number - 1),
        ]
    if "level" in reasons:
        rules += [CountRule(f"option {o}", (o,), 1) for o in sorted(draw(st.sets(option)))[:2]]
    if draw(st.integers(0, 3)) == 0:
        # As the rules of one user's demand.
        rules = [replace(rule, name="the same") for rule in rules]
    place = np.arange(problem.num_options) - problem.candidate_starts[problem.option_candidate]
    return replace(
        problem,
        rules=tuple(rules),
        max_prompt_tokens=draw(st.integers(0, 40)) if "tokens" in reasons else 300,
        max_images=draw(st.integers(1, 2)) if "images" in reasons else None,
        option_level=place if "level" in reasons else None,
    )


def changed(problem: Problem, demand: Demand, limit: int | None) -> Problem:
    """The problem with another limit for one demand, None for none at all."""
    if demand.kind is DemandKind.TOKENS:
        return replace(problem, max_prompt_tokens=10**6 if limit is None else limit)
    if demand.kind is DemandKind.IMAGES:
        return replace(problem, max_images=limit)
    if demand.kind is DemandKind.LEVEL:
        return replace(problem, option_level=None)
    rules = list(problem.rules)
    for rule in demand.rules:
        if demand.kind is DemandKind.MINIMUM:
            rules[rule] = replace(rules[rule], minimum=limit or 0)
        else:
            rules[rule] = replace(rules[rule], maximum=limit)
    return replace(problem, rules=tuple(rules))


def is_feasible(problem: Problem) -> bool:
    solutions = sheet_solutions if problem.sheets else feasible_solutions
    return next(solutions(problem), None) is not None


def can_be_kept(problem: Problem, demands: Collection[Demand]) -> bool:
    """Whether a choice, no picture at all included, keeps ``demands``: by the validator."""
    for demand in demands_of(problem):
        if demand not in demands:
            problem = changed(problem, demand, None)
    if is_feasible(problem):
        return True
    if any(demand.kind is DemandKind.PICTURE for demand in demands):
        return False
    empty = [Solution((), prompt) for prompt in range(len(problem.prompt_options))]
    return any(violations(problem, solution) == ["no picture is chosen"] for solution in empty)


@pytest.mark.slow
@settings(max_examples=2_000 if FULL else 120)
@given(tight_problems())
def test_conflicts_are_irreducible(problem: Problem) -> None:
    conflict = irreducible_conflict(problem)
    assert (conflict is None) == is_feasible(problem)
    if conflict is None:
        return
    event(f"{len(conflict)} demands")
    assert [demand for demand in demands_of(problem) if demand in conflict] == list(conflict)
    assert not can_be_kept(problem, conflict)
    for left_out in conflict:
        assert can_be_kept(problem, [demand for demand in conflict if demand != left_out])


@pytest.mark.slow
@settings(max_examples=2_000 if FULL else 120)
@given(tight_problems())
def test_changes_are_least(problem: Problem) -> None:
    """One step less of a change does not help; where none is named, none helps."""
    assume(not is_feasible(problem))
    for demand in demands_of(problem):
        if demand.kind is DemandKind.PICTURE:
            continue
        limit = least_change(problem, demand)
        event(f"{demand.kind.name}: {'none' if limit is None else 'some'}")
        if limit is None:
            assert not is_feasible(changed(problem, demand, None))
            continue
        assert is_feasible(changed(problem, demand, limit))
        if demand.kind is DemandKind.LEVEL:
            assert limit >= 2
        elif demand.kind in AT_LEAST:
            assert limit < demand.limit
            assert not is_feasible(changed(problem, demand, limit + 1))
        else:
            assert limit > demand.limit
            assert not is_feasible(changed(problem, demand, limit - 1))


@given(tight_problems())
def test_equal_problems_have_equal_conflicts(problem: Problem) -> None:
    assert irreducible_conflict(problem) == irreducible_conflict(replace(problem))


def test_a_rule_that_nothing_counts_for() -> None:
    """OR-Tools drops constraints without variables; the rule is broken all the same."""
    rule = CountRule("at least one picture of none", (), minimum=1)
    problem = replace(hard_problem(), rules=(CountRule("none of none", (), maximum=0), rule))
    minimum = Demand(DemandKind.MINIMUM, 1, rules=(1,))
    assert irreducible_conflict(problem) == (minimum,)
    assert least_change(problem, minimum) == 0
    assert least_change(problem, Demand(DemandKind.MAXIMUM, 0, rules=(0,))) is None


@pytest.mark.parametrize("with_levels", [False, True])
def test_problems_of_real_size(with_levels: bool) -> None:
    """As many candidates as long videos have; one boolean an option takes CP-SAT minutes here."""
    tokens = np.cumsum(np.arange(12, 32))
    levels = np.tile(np.arange(20), 129)
    problem = Problem(
        values=np.zeros((1, 129 * 20), dtype=np.int64),
        option_candidate=np.repeat(np.arange(129), 20),
        option_num_tokens=np.tile(tokens, 129),
        prompt_options=(PromptOption(9),),
        max_prompt_tokens=400,
        max_images=16,
        total_value=0,
        rules=(
            CountRule("at least 40 early", tuple(range(60 * 20)), minimum=40),
            CountRule("at most 3 late", tuple(range(60 * 20, 129 * 20)), maximum=3),
        ),
        option_level=levels if with_levels else None,
    )
    early = Demand(DemandKind.MINIMUM, 40, rules=(0,))
    conflict = irreducible_conflict(problem)
    assert conflict is not None
    assert early in conflict
    assert len(conflict) == 2
    assert least_change(problem, early) == 16
    assert least_change(problem, Demand(DemandKind.TOKENS, 400)) is None
    assert least_change(replace(problem, max_images=None), Demand(DemandKind.TOKENS, 400)) == 489
    at_any_three = [tuple(range(20 * first, 20 * first + 60)) for first in range(127)]
    spaced = replace(
        problem,
        max_prompt_tokens=10**5,
        max_images=None,
        rules=(*problem.rules, *(CountRule("spaced", options, 0, 1) for options in at_any_three)),
    )
    conflict = irreducible_conflict(spaced)
    assert conflict is not None
    assert [demand.limit for demand in conflict] == [40, 1]
    assert least_change(spaced, early) == 20
    roomy = replace(problem, max_prompt_tokens=489)
    assert least_change(roomy, Demand(DemandKind.IMAGES, 16)) == 40
