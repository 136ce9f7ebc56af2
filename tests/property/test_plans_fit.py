"""No plan exceeds a limit: random pictures, prompts and limits through the whole of plan()."""

from __future__ import annotations

import os
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import budgetfit
from budgetfit.errors import InfeasibleError

FULL = os.environ.get("BUDGETFIT_FULL") == "1"


@st.composite
def videos(draw: st.DrawFn) -> tuple[list[Image.Image], list[float]]:
    """One to six small pictures, some of them alike."""
    width, height = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    seeds = draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    gaps = draw(st.lists(st.floats(0.01, 9.0), min_size=len(seeds), max_size=len(seeds)))
    images = [
        Image.fromarray(
            np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        )
        for seed in seeds
    ]
    return images, list(accumulate(gaps))


@pytest.mark.slow
@settings(max_examples=10_000 if FULL else 1_000)
@given(
    videos(),
    st.text(max_size=60) | st.sampled_from(["", "a", "Describe. " * 200, "漢字" * 300]),
    st.none() | st.text(max_size=30),
    st.integers(2, 2000),
    st.integers(1, 400),
    st.none() | st.integers(1, 4),
)
def test_no_plan_is_over_its_limits(
    video: tuple[list[Image.Image], list[float]],
    prompt: str,
    system_prompt: str | None,
    max_model_len: int,
    max_tokens: int,
    max_images: int | None,
) -> None:
    room = max_model_len - max_tokens
    if room < 1:
        return
    try:
        plan = budgetfit.plan(
            video,
            prompt,
            system_prompt=system_prompt,
            max_model_len=max_model_len,
            max_tokens=max_tokens,
            max_images=max_images,
        )
    except InfeasibleError:
        # Even one patch beside an empty prompt needs more.
        assert room < 1000
        return
    assert len(plan.prompt_token_ids()) == plan.num_tokens <= room
    assert 1 <= len(plan.frames) <= (max_images or len(video[0]))
    assert prompt.startswith(plan.prompt.text)
    assert plan.information <= plan.best_bound
