from __future__ import annotations

import math

import pytest

from budgetfit.engines import Answer
from budgetfit.engines.checks import (
    check_answer,
    check_length,
    check_pictures,
    check_timeout,
    merge_sampling,
)
from budgetfit.errors import EngineError, PromptTooLongError, TokenMismatchError, UsageError
from tests.engines.stand_in import make_plan, picture

SIZES = [(320, 176), (160, 96), (320, 176)]


def test_the_plans_own_pictures_pass() -> None:
    plan = make_plan(SIZES)
    check_pictures(plan, plan.images())


@pytest.mark.parametrize("number", [0, 2, 4])
def test_another_number_of_pictures_is_refused(number: int) -> None:
    plan = make_plan(SIZES)
    images = (plan.images() * 2)[:number]
    with pytest.raises(UsageError, match=f"3 pictures but {number} are given"):
        check_pictures(plan, images)


@pytest.mark.parametrize("size", [(176, 320), (320, 160), (321, 176)])
def test_a_picture_of_another_size_is_refused(size: tuple[int, int]) -> None:
    plan = make_plan(SIZES)
    images = [*plan.images()[:2], picture(*size, seed=1)]
    with pytest.raises(UsageError, match=rf"picture 2 is {size[0]}x{size[1]} .* 320x176"):
        check_pictures(plan, images)


@pytest.mark.parametrize("name", ["max_tokens", "n", "stream", "truncate_prompt_tokens"])
def test_what_the_plan_decides_cannot_be_set(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        merge_sampling({"temperature": 0.7}, {name: 2})


def test_a_runs_sampling_is_over_the_engines_and_greedy_is_below_both() -> None:
    assert merge_sampling(None, {}) == {"temperature": 0.0}
    merged = merge_sampling({"temperature": 0.7, "seed": 1}, {"seed": 2, "top_p": 0.9})
    assert merged == {"temperature": 0.7, "seed": 2, "top_p": 0.9}


@pytest.mark.parametrize("timeout_s", [0, -1.0, math.nan, math.inf])
def test_a_timeout_is_positive_and_finite(timeout_s: float) -> None:
    check_timeout(None)
    check_timeout(0.5)
    with pytest.raises(UsageError, match=f"timeout_s is {timeout_s}"):
        check_timeout(timeout_s)


def test_a_plan_and_its_answer_must_fit() -> None:
    plan = make_plan(SIZES, max_tokens=10)
    check_length(plan, None, "engine")
    check_length(plan, plan.num_tokens + 10, "engine")
    with pytest.raises(PromptTooLongError, match="the engine's max_model_len") as refusal:
        check_length(plan, plan.num_tokens + 9, "engine")
    assert refusal.value.plan is plan


@pytest.mark.parametrize(
    ("num_tokens", "finish_reason"), [(0, "error"), (0, "stop"), (3, "abort"), (1, "None")]
)
def test_no_answer_is_an_error_after_which_to_ask_again(
    num_tokens: int, finish_reason: str
) -> None:
    plan = make_plan(SIZES)
    answer = Answer("", plan.num_tokens, num_tokens, finish_reason)
    with pytest.raises(
        EngineError, match=f"{num_tokens} tokens, finish_reason '{finish_reason}'"
    ) as failure:
        check_answer(answer, plan, "vLLM")
    assert failure.value.retryable


@pytest.mark.parametrize("off", [-1, 1])
def test_another_count_is_a_mismatch(off: int) -> None:
    plan = make_plan(SIZES)
    with pytest.raises(TokenMismatchError) as mismatch:
        check_answer(Answer("a", plan.num_tokens + off, 1, "stop"), plan, "vLLM")
    assert (mismatch.value.planned, mismatch.value.counter) == (plan.num_tokens, "vLLM")


@pytest.mark.parametrize("finish_reason", ["stop", "length"])
def test_an_answer_is_returned_unchanged(finish_reason: str) -> None:
    plan = make_plan(SIZES)
    answer = Answer("", plan.num_tokens, 1, finish_reason)
    assert check_answer(answer, plan, "vLLM") is answer
