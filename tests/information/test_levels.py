"""Levels are whole patches near the picture's shape, none larger than the picture needs."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.information.levels import MAX_DISTORTION, MIN_PIXELS, TOKEN_STEP, picture_levels
from budgetfit.profiles import get_profile
from budgetfit.tokens.images import image_grid

PROFILE = get_profile("pixtral-12b")
SIDE = PROFILE.side_multiple
sides = st.one_of(st.integers(1, 70), st.integers(1, 5000), st.integers(1, 20_000))


@given(sides, sides)
def test_every_level_keeps_the_rules(width: int, height: int) -> None:
    levels = picture_levels(width, height, PROFILE)
    assert levels
    most = PROFILE.max_image_size // SIDE
    for level in levels:
        assert 1 <= level.columns <= min(math.ceil(width / SIDE), most)
        assert 1 <= level.rows <= min(math.ceil(height / SIDE), most)
        # What is sent is a whole grid already, so the model's own scaling leaves it alone.
        assert image_grid(level.columns * SIDE, level.rows * SIDE, PROFILE) == level
    tokens = [level.num_tokens for level in levels]
    patches = [level.columns * level.rows for level in levels]
    assert patches == sorted(set(patches))
    assert all(b >= a * TOKEN_STEP for a, b in itertools.pairwise(tokens))
    if len(levels) > 1:
        assert patches[0] * SIDE**2 >= MIN_PIXELS


@given(sides, sides)
def test_distortion_is_bounded_wherever_a_grid_is_near(width: int, height: int) -> None:
    levels = picture_levels(width, height, PROFILE)
    errors = [abs(math.log(level.columns * height / (level.rows * width))) for level in levels]
    if len(levels) > 1:
        assert max(errors) <= MAX_DISTORTION
    elif errors[0] > MAX_DISTORTION:
        most = PROFILE.max_image_size // SIDE
        columns = range(1, min(math.ceil(width / SIDE), most) + 1)
        rows = range(1, min(math.ceil(height / SIDE), most) + 1)
        nearest = min(abs(math.log(c * height / (r * width))) for c in columns for r in rows)
        assert errors[0] == pytest.approx(nearest)


@pytest.mark.parametrize(
    ("width", "height", "largest"),
    [
        (1280, 704, (64, 36)),
        (640, 480, (40, 30)),
        (320, 176, (20, 11)),
        (161, 121, (11, 8)),
        (3840, 2160, (64, 36)),
        (720, 1280, (36, 64)),
        (16, 16, (1, 1)),
        (1, 1, (1, 1)),
        (1024, 1024, (64, 64)),
    ],
)
def test_the_largest_level_by_hand(width: int, height: int, largest: tuple[int, int]) -> None:
    level = picture_levels(width, height, PROFILE)[-1]
    assert (level.columns, level.rows) == largest


def test_no_grid_within_bounds_dominates_the_largest_level() -> None:
    """A wide grid costs fewer break tokens; none with more patches may cost as little."""
    levels = picture_levels(640, 480, PROFILE)
    for a, b in itertools.pairwise(levels):
        assert a.columns * a.rows < b.columns * b.rows
        assert a.num_tokens < b.num_tokens
