"""Every second of the video belongs to one candidate, and most of it to one frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import Exclude
from budgetfit.explain.moments import explained_moments
from budgetfit.explain.standing import standing


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_images": 3},
        {"max_images": 2, "constraints": [Exclude(0, 1)]},
        {"max_images": 2, "start_s": 1.0, "end_s": 4.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["bigbuckbunny", "bikes"])
def test_intervals_part_the_video(
    package_clips: dict[str, Path], name: str, arguments: dict[str, Any]
) -> None:
    plan = budgetfit.plan(package_clips[name], **arguments)
    made = plan.made_from
    assert made is not None
    stands = standing(made)
    every = range(len(stands.worth))
    whole = (float(stands.edges_s[0]), float(stands.edges_s[-1]))
    assert stands.intervals(every) == (whole,)
    moments = explained_moments(plan)
    for candidate, moment in enumerate(moments):
        assert stands.candidate_at(moment.time_s) == candidate
        intervals = stands.intervals([candidate])
        assert sum(end - start for start, end in intervals) == pytest.approx(moment.span_s)
        for start, end in intervals:
            assert stands.candidate_at((start + end) / 2) == candidate


def test_frames_share_the_moments_that_are_shown(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=3)
    made = plan.made_from
    assert made is not None
    stands, moments = standing(made), explained_moments(plan)
    for index in range(len(plan.frames)):
        expected = [m for m, moment in enumerate(moments) if moment.frame == index]
        assert list(stands.moments_of_frame(index)) == expected
    assert (stands.explained >= stands.alone.max(axis=1)).all()
    assert np.array_equal(stands.worth > 0, np.array([moment.weight > 0 for moment in moments]))
