"""The allotment keeps the limits, and is qwen-vl-utils' where those leave it free."""

from __future__ import annotations

import pytest
from benchmarks.information.limits import PROMPT_NUM_TOKENS, Limits
from benchmarks.information.rules.qwen_allotment import allot, frame_indices

from budgetfit.profiles import get_profile

PROFILE = get_profile("pixtral-12b")


def test_frames_go_from_the_first_to_the_last() -> None:
    assert frame_indices(100, 2) == [0, 99]
    assert frame_indices(101, 5) == [0, 25, 50, 75, 100]


@pytest.mark.judge
@pytest.mark.parametrize("room", [800, 1200, 3796])
@pytest.mark.parametrize("max_images", [2, 8, None])
@pytest.mark.parametrize("size", [(1280, 720), (176, 144), (1616, 1568)])
def test_limits_are_kept(room: int, max_images: int | None, size: tuple[int, int]) -> None:
    allotted = allot(300, 10.0, size, Limits(room, max_images), PROFILE)
    assert allotted is not None
    number, grid = allotted
    assert number * grid.num_tokens + PROMPT_NUM_TOKENS <= room
    assert number <= (max_images or number)
    assert number % 2 == 0


@pytest.mark.judge
def test_a_short_clip_has_two_frames_a_second() -> None:
    allotted = allot(90, 3.0, (1280, 720), Limits(3796, None), PROFILE)
    assert allotted is not None
    assert allotted[0] == 6
