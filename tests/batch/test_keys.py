"""A job is answered from a journal only where all is as it was."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit import PromptBlock, RunJob
from budgetfit.batch.keys import job_key
from budgetfit.constraints import Exclude, MinSpacing
from budgetfit.errors import UsageError, VideoError

MODEL = {"model": "m", "sampling": {"temperature": 0.0}}
PICTURES = ([np.zeros((32, 32), np.uint8)] * 2, [0.0, 1.0])


def rule(model: object) -> None:
    """Nothing."""


def test_each_question_has_a_key_of_its_own(package_clips: dict[str, Path], tmp_path: Path) -> None:
    clip, copy = package_clips["bikes"], tmp_path / "bikes.mp4"
    shutil.copyfile(clip, copy)
    jobs = [
        RunJob(clip),
        RunJob(clip, ""),
        RunJob(clip, id="a"),
        RunJob(clip, id="b"),
        RunJob(copy),
        RunJob(clip.read_bytes()),
        RunJob(package_clips["bigbuckbunny"]),
        RunJob(PICTURES),
        RunJob(clip, "a"),
        RunJob(clip, [PromptBlock("a")]),
        RunJob(clip, [PromptBlock("a", priority=2.0)]),
        RunJob(clip, start_s=1.0),
        RunJob(clip, end_s=1.0),
        RunJob(clip, time_limit_s=1.0),
        RunJob(clip, max_images=1),
        RunJob(clip, max_tokens=1),
        RunJob(clip, constraints=[Exclude(0, 1)]),
        RunJob(clip, constraints=[MinSpacing(1)]),
        RunJob(clip, relevance=[(0.0, 1.0, 2.0)]),
        RunJob(clip, customize=rule, id="a"),
        RunJob(budgetfit.plan(clip, max_images=1)),
        RunJob(budgetfit.plan(clip, max_images=2)),
    ]
    keys = [job_key(job, MODEL) for job in jobs]
    assert len(set(keys)) == len(keys)
    assert keys == [job_key(job, MODEL) for job in jobs]
    assert job_key(jobs[0], {**MODEL, "model": "n"}) != keys[0]
    assert job_key(jobs[0], {**MODEL, "sampling": {}}) != keys[0]


def test_what_is_the_same_has_the_same_key(
    package_clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clip = package_clips["bikes"]
    same = [RunJob(clip, "a"), RunJob(str(clip), "a", max_images=None)]
    monkeypatch.chdir(clip.parent)
    same.append(RunJob(clip.name, "a"))
    assert len({job_key(job, MODEL) for job in same}) == 1
    # A job with a name of its own may move.
    moved = tmp_path / "moved.mp4"
    shutil.copyfile(clip, moved)
    assert job_key(RunJob(clip, id="x"), MODEL) == job_key(RunJob(moved, id="x"), MODEL)
    # How long planning took is no part of a plan that is sent.
    plans = [budgetfit.plan(clip, max_images=1) for _ in range(2)]
    assert len({job_key(RunJob(plan), MODEL) for plan in plans}) == 1


class Stream(io.BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("job", "error"),
    [
        (RunJob("missing.mp4"), VideoError),
        (RunJob(PICTURES, customize=rule), UsageError),
        (RunJob(Stream()), UsageError),
        (RunJob(PICTURES, max_images=object()), UsageError),  # type: ignore[arg-type]
    ],
)
def test_what_has_no_key_says_why(job: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        job_key(job, MODEL)
