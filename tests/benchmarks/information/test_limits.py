"""The largest equal pictures fit, and the next larger ones do not."""

from __future__ import annotations

from benchmarks.information.limits import (
    PROMPT_NUM_TOKENS,
    Limits,
    largest_equal,
    most_images,
)
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.information.levels import picture_levels
from budgetfit.profiles import get_profile
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS
from budgetfit.tokens.tokenizer import RequestTokenizer

PROFILE = get_profile("pixtral-12b")
LEVELS = picture_levels(1280, 720, PROFILE)


def test_prompt_is_counted() -> None:
    counted = RequestTokenizer(PROFILE).count_text(PROFILE.default_prompt)
    assert NUM_TEMPLATE_TOKENS + counted == PROMPT_NUM_TOKENS


@given(st.integers(1, 40), st.integers(100, 9000), st.none() | st.integers(1, 40))
def test_largest_equal(number: int, room: int, max_images: int | None) -> None:
    limits = Limits(room, max_images)
    grid = largest_equal(number, limits, LEVELS)
    if grid is None:
        cheapest = LEVELS[0].num_tokens * number + PROMPT_NUM_TOKENS
        assert cheapest > room or (max_images is not None and number > max_images)
    else:
        assert grid.num_tokens * number + PROMPT_NUM_TOKENS <= room
        larger = [level for level in LEVELS if level.num_tokens > grid.num_tokens]
        assert all(level.num_tokens * number + PROMPT_NUM_TOKENS > room for level in larger)


@given(st.integers(100, 9000), st.none() | st.integers(1, 40))
def test_most_images_fit_and_no_more(room: int, max_images: int | None) -> None:
    limits = Limits(room, max_images)
    most = most_images(limits, LEVELS)
    assert most == 0 or largest_equal(most, limits, LEVELS) is not None
    assert largest_equal(most + 1, limits, LEVELS) is None


def test_no_picture_is_no_selection() -> None:
    assert largest_equal(0, Limits(3796, None), LEVELS) is None
