"""Frames are had by time, and pictures are those that a plan would send."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.information.footage import Footage
from benchmarks.information.pictures import Picture, distinct, pictures_of_plan

import budgetfit


def test_frames_are_those_shown(package_clips: dict[str, Path]) -> None:
    with Footage(package_clips["bikes"]) as footage:
        everything = footage.candidate_pts(footage.num_frames())
        assert len(everything) == footage.num_frames()
        step_s = footage.info.duration_s / len(everything)
        inside = [(index + 0.5) * step_s for index in (0, 7, 100, 249)]
        assert footage.pts_at(inside) == tuple(everything[i] for i in (0, 7, 100, 249))
        # In any order, and the same frame more than once.
        assert footage.pts_at([7.5 * step_s, 0, 7.25 * step_s]) == (
            everything[7], everything[0], everything[7]
        )  # fmt: skip
        assert footage.first_pts(2) == everything[:2]


def test_pictures_are_the_plans(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=2)
    pictures = pictures_of_plan(plan)
    with Footage(package_clips["bikes"]) as footage:
        decoded = dict(footage.images(pictures[::-1]))
    for picture, sent in zip(pictures, plan.images(), strict=True):
        assert (np.asarray(decoded[picture]) == np.asarray(sent)).all()


def test_distinct_pictures_rise() -> None:
    first, second = Picture(1, 32, 16), Picture(2, 16, 16)
    assert distinct([(second, first), (first,)]) == (first, second)
