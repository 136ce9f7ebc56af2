from __future__ import annotations

import pytest

from budgetfit.engines.base import Answer, check_answer, check_pictures, check_sampling
from budgetfit.errors import EngineError, UsageError
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


@pytest.mark.parametrize("name", ["max_tokens", "n", "truncate_prompt_tokens"])
def test_what_the_plan_decides_cannot_be_set(name: str) -> None:
    check_sampling({"temperature": 0.7, "top_p": 0.9})
    with pytest.raises(UsageError, match=name):
        check_sampling({"temperature": 0.7, name: 2})


@pytest.mark.parametrize(
    ("num_tokens", "finish_reason"), [(0, "error"), (0, "stop"), (3, "abort"), (1, "None")]
)
def test_no_answer_is_an_error(num_tokens: int, finish_reason: str) -> None:
    with pytest.raises(EngineError, match=f"{num_tokens} tokens, finish_reason '{finish_reason}'"):
        check_answer(Answer("", 10, num_tokens, finish_reason), "vLLM")


@pytest.mark.parametrize("finish_reason", ["stop", "length"])
def test_an_answer_is_returned_unchanged(finish_reason: str) -> None:
    answer = Answer("", 10, 1, finish_reason)
    assert check_answer(answer, "vLLM") is answer
