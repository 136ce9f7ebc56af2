"""What is said where nothing fits is true, sufficient and no more than needed."""

from __future__ import annotations

import os
import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

import budgetfit
from budgetfit.conflicts import Conflict, explain_conflict, explained
from budgetfit.constraints import AtLeast, AtMost, MinSize
from budgetfit.cpsat.assumptions import DemandKind, irreducible_conflict
from budgetfit.errors import InfeasibleError
from budgetfit.plans import Limits
from budgetfit.problem.problem import CountRule, Problem, PromptOption
from tests.cpsat.test_assumptions import can_be_kept, changed, is_feasible, tight_problems

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
MAX_TOKENS = 60


def limits_of(problem: Problem) -> Limits:
    room = problem.max_prompt_tokens
    return Limits(room + MAX_TOKENS, MAX_TOKENS, room, problem.max_images)


def conflict_of(problem: Problem) -> Conflict:
    conflict = explain_conflict(problem, limits_of(problem))
    assert conflict is not None
    return conflict


@pytest.mark.slow
@settings(max_examples=3_000 if FULL else 150)
@given(tight_problems())
def test_a_conflict_is_told_where_there_is_one(problem: Problem) -> None:
    conflict = explain_conflict(problem, limits_of(problem))
    assert (conflict is None) == is_feasible(problem)
    if conflict is None:
        return
    told = str(conflict)
    assert "\n" not in told
    for member in conflict.members:
        assert member.name in told
        assert (member.needed is None) == (member.suggestion is None)
        assert member.suggestion is None or member.suggestion in told
    assert ("No single change helps" in told) == all(m.needed is None for m in conflict.members)


@pytest.mark.slow
@settings(max_examples=3_000 if FULL else 150)
@given(tight_problems())
def test_the_token_changes_in_words_are_sufficient_and_least(problem: Problem) -> None:
    assume(not is_feasible(problem))
    first = conflict_of(problem).members[0]
    assume(first.name.startswith("max_model_len") and first.suggestion)
    length, _, rest = (first.suggestion or "").partition("; ")
    old, new = map(int, re.fullmatch(r"max_model_len (\d+) -> (\d+)", length).groups())  # type: ignore[union-attr]
    assert old == problem.max_prompt_tokens + MAX_TOKENS
    assert is_feasible(replace(problem, max_prompt_tokens=new - MAX_TOKENS))
    assert not is_feasible(replace(problem, max_prompt_tokens=new - MAX_TOKENS - 1))
    lower = old - (new - MAX_TOKENS)
    assert rest == ("" if lower < 1 else f"max_tokens {MAX_TOKENS} -> {lower}")


@pytest.mark.slow
@settings(max_examples=3_000 if FULL else 150)
@given(tight_problems())
def test_members_are_irreducible_and_their_changes_least(problem: Problem) -> None:
    assume(not is_feasible(problem))
    members = conflict_of(problem).members
    demands = irreducible_conflict(problem)
    assert demands is not None
    assert not can_be_kept(problem, demands)
    for member, demand in zip(members, demands, strict=True):
        assert member.value == demand.limit
        assert can_be_kept(problem, [other for other in demands if other != demand])
        if member.needed is None:
            unbounded = changed(problem, demand, None)
            assert demand.kind is DemandKind.PICTURE or not is_feasible(unbounded)
            continue
        step = 1 if member.needed > member.value else -1
        assert is_feasible(changed(problem, demand, member.needed))
        if demand.kind is not DemandKind.LEVEL:
            assert not is_feasible(changed(problem, demand, member.needed - step))


def nine_frames(*rules: CountRule, room: int = 1000, max_images: int | None = None) -> Problem:
    """A frame a second at 32 or 64 tokens, beside 7 tokens of text."""
    return Problem(
        values=np.zeros((1, 18), dtype=np.int64),
        option_candidate=np.repeat(np.arange(9), 2),
        option_num_tokens=np.tile([32, 64], 9),
        prompt_options=(PromptOption(7), PromptOption(20, 1)),
        max_prompt_tokens=room,
        max_images=max_images,
        total_value=0,
        rules=rules,
    )


ALL = tuple(range(18))
LARGE = tuple(range(1, 18, 2))
AT_LEAST_4 = CountRule("at least 4 frames from 0 to 9 s", ALL, minimum=4)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            nine_frames(room=30),
            "these contradict each other: max_model_len 90 with max_tokens 60 (30 prompt tokens, "
            "and 7 at least for the text); one picture at least (32 tokens at least). Any one of "
            "these changes helps: max_model_len 90 -> 99; max_tokens 60 -> 51",
        ),
        (
            nine_frames(room=6),
            "this cannot be kept: max_model_len 66 with max_tokens 60 (6 prompt tokens, and 7 at "
            "least for the text). Any one of these changes helps: max_model_len 66 -> 99; "
            "max_tokens 60 -> 27",
        ),
        (
            nine_frames(AT_LEAST_4, room=100),
            "these contradict each other: max_model_len 160 with max_tokens 60 (100 prompt tokens, "
            "and 7 at least for the text); at least 4 frames from 0 to 9 s. Any one of these "
            "changes helps: max_model_len 160 -> 195; max_tokens 60 -> 25; at least 4 -> 2 frames "
            "from 0 to 9 s",
        ),
        (
            nine_frames(AT_LEAST_4, max_images=2),
            "these contradict each other: max_images 2; at least 4 frames from 0 to 9 s. Any one "
            "of these changes helps: max_images 2 -> 4; at least 4 -> 2 frames from 0 to 9 s",
        ),
        (
            nine_frames(CountRule("no frame from 0 to 9 s", ALL, maximum=0)),
            "these contradict each other: one picture at least (32 tokens at least); no frame from "
            "0 to 9 s. This change helps: no frame from 0 to 9 s, with 1 exception",
        ),
        (
            nine_frames(CountRule("no large pictures", LARGE, maximum=0), AT_LEAST_4, room=50),
            "these contradict each other: max_model_len 110 with max_tokens 60 (50 prompt tokens, "
            "and 7 at least for the text); at least 4 frames from 0 to 9 s. Any one of these "
            "changes helps: max_model_len 110 -> 195; at least 4 -> 1 frames from 0 to 9 s",
        ),
        (
            nine_frames(CountRule("the frame shown at 20 s", (), minimum=1)),
            "this cannot be kept: the frame shown at 20 s. This change helps: drop 'the frame "
            "shown at 20 s'",
        ),
        (
            nine_frames(
                *(CountRule("frames 2 s apart", tuple(range(i, i + 4)), 0, 1) for i in (0, 2, 4)),
                CountRule("at least 2 frames from 0 to 1 s", (0, 1, 2, 3), minimum=2),
            ),
            "these contradict each other: frames 2 s apart; at least 2 frames from 0 to 1 s. Any "
            "one of these changes helps: drop 'frames 2 s apart'; at least 2 -> 1 frames from 0 "
            "to 1 s",
        ),
        (
            nine_frames(AT_LEAST_4, CountRule("a tenth", (), minimum=1), max_images=1),
            "this cannot be kept: a tenth. No single change helps: other demands contradict each "
            "other as well",
        ),
    ],
)
def test_the_words(problem: Problem, told: str) -> None:
    assert str(conflict_of(problem)) == told


def test_one_common_resolution() -> None:
    small, large = CountRule("a small one", (0,), 1), CountRule("a large one", (3,), 1)
    problem = replace(nine_frames(small, large), option_level=np.tile([0, 1], 9))
    assert str(conflict_of(problem)) == (
        "these contradict each other: a small one; a large one; one common resolution. Any one of "
        "these changes helps: drop 'a small one'; drop 'a large one'; drop 'one common resolution'"
    )


def test_the_explained_error_carries_the_conflict_through_a_process_boundary() -> None:
    problem = nine_frames(room=30)
    error = explained(InfeasibleError("nothing fits"), problem, limits_of(problem))
    assert error.conflict == explain_conflict(problem, limits_of(problem))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.conflict) == (str(error), error.conflict)


def test_an_error_that_is_none_keeps_its_message() -> None:
    problem = nine_frames()
    error = explained(InfeasibleError("no solution was found"), problem, limits_of(problem))
    assert (str(error), error.conflict) == ("no solution was found", None)


CHANGE = re.compile(r"(max_model_len|max_tokens|max_images|at least|at most) (\d+) -> (\d+)")
CONSTRAINTS: dict[str, type[AtLeast | AtMost]] = {"at least": AtLeast, "at most": AtMost}


def with_change(arguments: dict[str, Any], what: str, value: int) -> dict[str, Any]:
    if what not in CONSTRAINTS:
        return arguments | {what: value}
    kind = CONSTRAINTS[what]
    constraints = [
        replace(constraint, num_frames=value) if isinstance(constraint, kind) else constraint
        for constraint in arguments["constraints"]
    ]
    return arguments | {"constraints": constraints}


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        ({"max_model_len": 310}, {"max_model_len", "max_tokens"}),
        ({"max_model_len": 310, "system_prompt": "Be brief."}, {"max_model_len", "max_tokens"}),
        ({"max_model_len": 301, "system_prompt": "ab " * 400}, {"max_model_len"}),
        (
            {"max_model_len": 400, "constraints": [AtLeast(4, 0, 5)]},
            {"max_model_len", "max_tokens", "at least"},
        ),
        ({"max_images": 2, "constraints": [AtLeast(3, 0, 5)]}, {"max_images", "at least"}),
        ({"constraints": [AtMost(1, 0, 5), AtLeast(3, 1, 4)]}, {"at least", "at most"}),
        (
            {"max_model_len": 1300, "constraints": [MinSize(640, 352), AtLeast(2, 0, 1)]},
            {"max_model_len", "at least"},
        ),
    ],
)
def test_following_what_is_told_gives_a_plan(
    package_clips: dict[str, Path], arguments: dict[str, Any], changes: set[str]
) -> None:
    """Each change makes a plan possible, one step less of it does not."""
    clip = package_clips["bigbuckbunny"]
    with pytest.raises(InfeasibleError) as refused:
        budgetfit.plan(clip, num_candidates=9, **arguments)
    assert str(refused.value) == str(refused.value.conflict)
    told = {what: (int(old), int(new)) for what, old, new in CHANGE.findall(str(refused.value))}
    assert told.keys() == changes
    for what, (old, new) in told.items():
        assert budgetfit.plan(clip, num_candidates=9, **with_change(arguments, what, new)).frames
        less = new - 1 if new > old else new + 1
        with pytest.raises(InfeasibleError):
            budgetfit.plan(clip, num_candidates=9, **with_change(arguments, what, less))
