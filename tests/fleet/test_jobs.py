"""What a job of a fleet may be."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import budgetfit
from budgetfit.errors import UsageError
from budgetfit.fleet.jobs import checked_jobs


@pytest.mark.parametrize(
    "arguments",
    [
        {"weight": 0},
        {"weight": float("nan")},
        {"weight": "2"},
        {"priority": 1.0},
        {"time_limit_s": 3.0},
    ],
    ids=str,
)
def test_what_is_no_job_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(arguments))):
        budgetfit.FleetJob("clip.mp4", **arguments)


@pytest.mark.parametrize("job", ["clip.mp4", ("clip.mp4",), None])
def test_jobs_are_pairs_or_jobs(job: object) -> None:
    with pytest.raises(UsageError, match="job 1 is a "):
        checked_jobs([("clip.mp4", ""), job])


def test_a_pair_is_a_job() -> None:
    (job,) = checked_jobs([("clip.mp4", "What?")])
    assert (job.video, job.prompt, job.weight, job.priority) == ("clip.mp4", "What?", 1.0, 0)
    assert repr(job) == "<FleetJob 'clip.mp4', weight 1, priority 0>"


def test_a_job_can_be_sent() -> None:
    job = budgetfit.FleetJob("clip.mp4", weight=2, priority=3, end_s=4.0, max_images=2)
    sent = pickle.loads(pickle.dumps(job))
    assert (sent.where, sent.ask, sent.weight, sent.priority) == (
        {"num_candidates": None, "start_s": None, "end_s": 4.0},
        {"max_images": 2},
        2.0,
        3,
    )
