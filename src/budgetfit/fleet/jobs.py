"""What is asked for each video of a fleet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Unpack

from budgetfit.errors import UsageError
from budgetfit.video_jobs import VideoJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budgetfit.jobs import Ask
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.video.sources import Video
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["FleetJob", "checked_jobs"]


class FleetJob(VideoJob):
    """A video of a fleet, and what is asked for it.

    Parameters
    ----------
    video : path, bytes, binary file, (images, times_s), or VideoAnalysis
        As for :func:`budgetfit.plan`.
    prompt : str or sequence of PromptBlock, optional
        As for :func:`budgetfit.plan`.
    weight : float
        How often the information of this video counts in the total; above 0.
    priority : int
        Jobs of a higher priority are served first: see :func:`budgetfit.plan_many`.
    num_candidates, start_s, end_s, **ask
        Limits, constraints and all else that :func:`budgetfit.plan` can be asked but for how long
        it may search.

    Raises
    ------
    UsageError
        The weight or the priority is none, or nothing of a plan has a name that was given.
    """

    __slots__ = ("priority", "weight")

    def __init__(
        self,
        video: Video | VideoAnalysis,
        prompt: str | Sequence[PromptBlock] | None = None,
        *,
        weight: float = 1.0,
        priority: int = 0,
        num_candidates: int | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
        **ask: Unpack[Ask],
    ) -> None:
        if type(weight) not in {int, float} or not 0 < weight < math.inf:
            raise UsageError(f"weight is {weight!r}; it must be a number above 0")
        if type(priority) is not int:
            raise UsageError(f"priority is {priority!r}; it must be a whole number")
        where = {"num_candidates": num_candidates, "start_s": start_s, "end_s": end_s}
        super().__init__(video, prompt, where, ask, "weight, priority")
        self.weight = float(weight)
        self.priority = priority

    def __repr__(self) -> str:
        return f"<FleetJob {self.video!r}, weight {self.weight:g}, priority {self.priority}>"


def checked_jobs(jobs: Iterable[object]) -> tuple[FleetJob, ...]:
    """Return each job as a ``FleetJob``.

    Raises
    ------
    UsageError
        One is neither that nor a pair of a video and a prompt.
    """
    return tuple(_checked(index, job) for index, job in enumerate(jobs))


def _checked(index: int, job: object) -> FleetJob:
    if isinstance(job, FleetJob):
        return job
    if isinstance(job, tuple | list) and len(job) == 2:
        return FleetJob(*job)
    raise UsageError(
        f"job {index} is a {type(job).__name__}; give (video, prompt) or a budgetfit.FleetJob"
    )
