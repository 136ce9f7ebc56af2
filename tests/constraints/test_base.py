"""Constraints as rules on options: windows, doubles, common levels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import budgetfit
from budgetfit.constraints import (
    AtLeast,
    AtMost,
    Choice,
    Constraint,
    Exclude,
    Keep,
    MinSpacing,
    SameSize,
    Show,
    constrain,
)
from budgetfit.errors import UsageError
from budgetfit.problem.aspects import Aspect
from budgetfit.problem.building import build_problem
from budgetfit.problem.problem import CountRule, Problem, PromptOption
from budgetfit.tokens.images import ImageGrid

LEVELS = (ImageGrid(4, 2), ImageGrid(6, 3), ImageGrid(8, 4))


def choice_at(times_s: Iterable[float]) -> Choice:
    return Choice.of(np.array(list(times_s)), LEVELS, 16)


def problem_of(choice: Choice) -> Problem:
    number = len(choice.time_s)
    shown = np.ones((number, len(LEVELS)))
    scene = Aspect("scene", np.eye(number), shown, np.full(number, 1 / number))
    return build_problem(
        [scene],
        np.array([level.num_tokens for level in LEVELS]),
        prompt_options=[PromptOption(3)],
        max_prompt_tokens=1000,
        max_images=None,
    )


def test_options_are_candidates_at_levels() -> None:
    choice = choice_at([0.0, 0.5])
    assert choice.candidate.tolist() == [0, 0, 0, 1, 1, 1]
    assert choice.width.tolist() == [64, 96, 128] * 2
    assert choice.height.tolist() == [32, 48, 64] * 2
    assert choice.num_tokens.tolist() == [10, 21, 36] * 2
    problem = problem_of(choice)
    assert problem.option_candidate.tolist() == choice.candidate.tolist()
    assert problem.option_num_tokens.tolist() == choice.num_tokens.tolist()


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
    st.floats(0, 5) | st.integers(0, 40).map(lambda tenths: tenths / 10),
)
def test_spacing_takes_the_longest_runs_and_no_others(steps_ms: list[int], seconds: float) -> None:
    times = [sum(steps_ms[: i + 1]) / 100 for i in range(len(steps_ms))]
    choice = choice_at(times)
    runs = []
    for rule in MinSpacing(seconds).rules(choice):
        assert (rule.minimum, rule.maximum) == (0, 1)
        run = sorted(set(choice.candidate[list(rule.options)].tolist()))
        assert len(rule.options) == len(run) * len(LEVELS)
        assert run == list(range(run[0], run[-1] + 1))
        runs.append(set(run))
    near = {
        (i, j)
        for i, j in itertools.combinations(range(len(times)), 2)
        if times[j] - times[i] < seconds - 1e-6
    }
    assert near == {pair for run in runs for pair in itertools.combinations(sorted(run), 2)}
    assert not any(a < b for a, b in itertools.permutations(runs, 2))


def test_spacing_of_exact_multiples_allows_neighbours() -> None:
    times = [k * 0.1 for k in range(100)]
    for rule in MinSpacing(0.3).rules(choice_at(times)):
        assert len(rule.options) == 3 * len(LEVELS)


@given(st.permutations([Show(0.5), Exclude(2, 3), MinSpacing(1.0), Show(0.5), AtLeast(1, 0, 9)]))
def test_order_and_doubles_do_not_matter(constraints: list[Constraint]) -> None:
    choice = choice_at(k * 0.5 for k in range(8))
    rules = constrain(problem_of(choice), constraints, choice).rules
    assert len(set(rules)) == len(rules)
    assert set(rules) == {r for constraint in constraints for r in constraint.rules(choice)}


def test_rules_that_are_there_stay() -> None:
    choice = choice_at([0.0, 0.5])
    first = constrain(problem_of(choice), [SameSize(), Show(0.0)], choice)
    second = constrain(first, [Show(0.6)], choice)
    assert [rule.name for rule in second.rules] == [
        "the frame shown at 0 s",
        "the frame shown at 0.6 s",
    ]
    assert second.option_level is not None
    assert second.option_level.tolist() == [0, 1, 2, 0, 1, 2]


def test_sizes_of_equal_width_are_not_the_same() -> None:
    levels = (ImageGrid(4, 2), ImageGrid(4, 3), ImageGrid(5, 3))
    choice = Choice.of(np.array([0.0]), levels, 16)
    level = constrain(problem_of(choice), [SameSize()], choice).option_level
    assert level is not None
    assert len(set(level.tolist())) == 3


def test_intervals_contain_both_ends_and_what_floating_point_makes_of_them() -> None:
    choice = choice_at([-0.02, 0.1 + 0.2, 1.0, 2.0])
    for start_s, end_s, inside in (
        (0.3, 0.3, [1]),
        (0, 0.1, [0]),
        (1.0, 2.0, [2, 3]),
        (1.1, 1.9, []),
        (0.31, float("inf"), [2, 3]),
    ):
        (rule,) = AtMost(1, start_s, end_s).rules(choice)
        assert sorted(set(choice.candidate[list(rule.options)].tolist())) == inside


def test_a_frame_is_shown_until_the_next() -> None:
    choice = choice_at([0.5, 1.0, 2.0])
    for time_s, candidate in ((0.0, 0), (0.5, 0), (0.99, 0), (1 - 1e-9, 1), (1.5, 1), (7.0, 2)):
        (rule,) = Show(time_s).rules(choice)
        assert set(choice.candidate[list(rule.options)].tolist()) == {candidate}


def test_too_few_candidates() -> None:
    choice = choice_at([0.0, 1.0, 2.0])
    with pytest.raises(
        UsageError, match=r"at least 2 frames from 0\.5 to 1\.5 s cannot be had: 1 fr"
    ):
        list(AtLeast(2, 0.5, 1.5).rules(choice))
    with pytest.raises(UsageError, match=r"0 frames of those looked at lie there; widen"):
        list(AtLeast(1, 0.5, 0.6).rules(choice))


def test_an_interval_brings_its_own_candidates() -> None:
    assert AtLeast(4, 2, 4).also_at_s == (2.0, 2.5, 3.0, 3.5, 4.0)
    assert AtLeast(1, 2, 2).also_at_s == (2.0, 2.0)


def test_what_cannot_be_kept_names_what_can() -> None:
    with pytest.raises(UsageError, match="this video can be sent as 64x32, 96x48, 128x64; give"):
        list(Keep([(0.0, 64, 48)]).rules(choice_at([0.0, 1.0])))


class _Alternate(Constraint):
    """Of neighbouring candidates at most one, as a user may write it."""

    @property
    def name(self) -> str:
        return "no neighbours"

    def rules(self, choice: Choice) -> Iterable[CountRule]:
        for first in range(len(choice.time_s) - 1):
            pair = (choice.candidate == first) | (choice.candidate == first + 1)
            yield self.rule(pair, maximum=1)


def test_users_can_write_their_own() -> None:
    images = [np.full((96, 128), 40 * k, np.uint8) for k in range(6)]
    rng = np.random.default_rng(0)
    noisy = [np.asarray(image + rng.integers(0, 40, image.shape), np.uint8) for image in images]
    times = [float(k) for k in range(6)]
    plan = budgetfit.plan((noisy, times), "", constraints=[_Alternate()])
    assert all(b.pts - a.pts > 1 for a, b in itertools.pairwise(plan.frames))
    assert len(plan.frames) > 1


@pytest.mark.parametrize("wrong", [Show(1.0), [Show(1.0), "Show(2)"], "Show(1)", None, {"a": 1}])
def test_what_is_no_list_of_constraints(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"it must be a list of objects of budgetfit\.constraints"):
        budgetfit.plan("missing.mp4", constraints=wrong)
