"""plan() under random constraints against every set of pictures there is."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import budgetfit
from budgetfit.analysis import Analysis
from budgetfit.constraints import (
    AtLeast,
    AtMost,
    Choice,
    Constraint,
    Exclude,
    Keep,
    MaxSize,
    MaxTokensPerImage,
    MinSize,
    MinSpacing,
    SameSize,
    Show,
    constrain,
)
from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.information.levels import picture_levels
from budgetfit.problem.building import build_problem
from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate
from budgetfit.profiles import get_profile
from budgetfit.time_labels import time_label
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.constraints.reference import holds
from tests.problem.strategies import feasible_solutions

FULL = os.environ.get("BUDGETFIT_FULL") == "1"
PROFILE = get_profile("pixtral-12b")
TOKENIZER = RequestTokenizer(PROFILE)
TEMPLATE = 3

Video = tuple[list[Any], list[float]]


@dataclass(frozen=True)
class Frame:
    time_s: float
    width: int
    height: int
    num_tokens: int


@dataclass(frozen=True)
class Case:
    video: Video
    constraints: list[Constraint]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two to five small pictures, seldom alike, of up to three sizes; one to four constraints."""
    width, height = draw(st.sampled_from([(96, 64), (144, 96), (192, 112), (144, 176)]))
    seeds = draw(st.lists(st.integers(0, 9), min_size=2, max_size=5))
    gaps = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 1.7]), min_size=6, max_size=6))
    images = [
        np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        for seed in seeds
    ]
    times = list(accumulate(gaps[: len(seeds) - 1], initial=0.0))
    sizes = [(g.columns * 16, g.rows * 16) for g in picture_levels(width, height, PROFILE)]
    constraints = draw(st.lists(constraints_on(times, sizes), min_size=1, max_size=4))
    return Case((images, times), constraints)


def constraints_on(
    times: list[float], sizes: list[tuple[int, int]]
) -> st.SearchStrategy[Constraint]:
    """Constraints that such a video can mostly satisfy, one by one."""
    between = [(a + b) / 2 for a, b in itertools.pairwise(times)]
    moments = st.sampled_from([*times, *between, times[-1] + 0.1])
    seldom_outside = st.integers(0, 30).flatmap(lambda n: moments if n else st.just(99.0))
    intervals = st.tuples(moments, seldom_outside).map(sorted)
    near = st.sampled_from([-1, 0, 0, 0, 1])
    pixels = st.tuples(st.sampled_from(sizes), near, near).map(
        lambda drawn: (drawn[0][0] + drawn[1], drawn[0][1] + drawn[2])
    )
    exact = st.integers(0, 9).flatmap(lambda n: st.sampled_from(sizes) if n else pixels)
    pictures = st.lists(st.tuples(seldom_outside, exact), min_size=1, max_size=2)
    return st.one_of(
        st.builds(Show, seldom_outside),
        st.builds(lambda ends: Exclude(*ends), intervals),
        st.builds(lambda number, ends: AtLeast(number, *ends), st.integers(1, 2), intervals),
        st.builds(lambda number, ends: AtMost(number, *ends), st.integers(0, 2), intervals),
        st.builds(MinSpacing, moments),
        st.builds(lambda size: MinSize(*size), pixels),
        st.builds(lambda size: MaxSize(*size), pixels),
        st.builds(lambda size, ends: MinSize(*size, *ends), pixels, intervals),
        st.builds(lambda size, ends: MaxSize(*size, *ends), pixels, intervals),
        st.just(SameSize()),
        st.builds(MaxTokensPerImage, st.integers(25, 110)),
        st.builds(lambda kept: Keep([(time_s, *size) for time_s, size in kept]), pictures),
    )


def frames_of(analysis: Analysis, problem: Problem, solution: Solution) -> list[Frame]:
    """The chosen pictures, from the analysis alone."""
    levels = len(analysis.levels)
    frames = []
    for option in solution.options:
        grid = analysis.levels[option % levels]
        time_s = float(analysis.time_s[option // levels])
        frames.append(Frame(time_s, grid.columns * 16, grid.rows * 16, grid.num_tokens))
    return frames


def usable(constraint: Constraint, analysis: Analysis) -> bool:
    """Whether the sizes and the moments looked at could satisfy a constraint on its own."""
    sizes = [(grid.columns * 16, grid.rows * 16) for grid in analysis.levels]
    match constraint:
        case MinSize(width, height):
            return any(w >= width and h >= height for w, h in sizes)
        case MaxSize(width, height):
            return any(w <= width and h <= height for w, h in sizes)
        case MaxTokensPerImage(number):
            return any(grid.num_tokens <= number for grid in analysis.levels)
        case Keep(frames):
            return all((frame.width, frame.height) in sizes for frame in frames)
        case AtLeast(number, start_s, end_s):
            moments = analysis.time_s.tolist()
            return len([t for t in moments if start_s <= t <= end_s]) >= number
    return True


@pytest.mark.slow
@settings(max_examples=3_000 if FULL else 300)
@given(
    cases(),
    st.integers(30, 500),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 3),
    st.booleans(),
)
def test_plans_are_the_best_that_keep_all_constraints(
    case: Case,
    room: int,
    max_images: int | None,
    num_candidates: int | None,
    time_labels: bool,
) -> None:
    video, constraints = case.video, case.constraints
    _, times = video
    also_at_s = [time_s for constraint in constraints for time_s in constraint.also_at_s]
    arguments: dict[str, Any] = {
        "max_model_len": room + 10,
        "max_tokens": 10,
        "max_images": max_images,
        "num_candidates": num_candidates,
        "time_labels": time_labels,
        "constraints": constraints,
        "relative_gap_limit": 0.0,
    }
    seen = budgetfit.analyze(video, num_candidates=num_candidates)
    if any(time_s > times[0] + seen.info.duration_s for time_s in also_at_s):
        event("a time outside the video")
        with pytest.raises(UsageError, match="is outside the image sequence"):
            budgetfit.plan(video, "", **arguments)
        return
    analysis = seen.also_at(also_at_s).of_model(PROFILE, keep_all=True)
    if not all(usable(constraint, analysis) for constraint in constraints):
        event("a constraint that this video cannot satisfy")
        with pytest.raises((UsageError, InfeasibleError)) as refused:
            budgetfit.plan(video, "", **arguments)
        # Where not even a picture fits, that is said first.
        assert refused.type is UsageError or room < TEMPLATE + 80
        return

    labels = [
        TOKENIZER.count_text(time_label(time_s)) if time_labels else 0 for time_s in analysis.time_s
    ]
    free = build_problem(
        analysis.aspects_of_pictures,
        np.array(labels)[:, None] + analysis.level_num_tokens,
        prompt_options=[PromptOption(TEMPLATE)],
        max_prompt_tokens=room,
        max_images=max_images,
    )
    choice = Choice.of(analysis.time_s, analysis.levels, 16)
    ruled = constrain(free, constraints, choice)
    kept = [
        solution
        for solution in feasible_solutions(free)
        if all(
            holds(constraint, frames_of(analysis, free, solution), times)
            for constraint in constraints
        )
    ]
    assert set(feasible_solutions(ruled)) == set(kept)

    if not kept:
        event("infeasible")
        with pytest.raises(InfeasibleError):
            budgetfit.plan(video, "", **arguments)
        return
    event("a plan")
    plan = budgetfit.plan(video, "", **arguments)
    assert all(holds(constraint, plan.frames, times) for constraint in constraints)
    assert plan.num_tokens == TOKENIZER.encode(plan.request).num_tokens <= room
    assert len(plan.frames) <= (max_images or len(times))
    best = max(evaluate(free, solution).explained_value for solution in kept)
    assert plan.information == pytest.approx(best / max(free.total_value, 1) if best else 1.0) or (
        free.total_value == 0
    )
    assert plan.status == "OPTIMAL"
