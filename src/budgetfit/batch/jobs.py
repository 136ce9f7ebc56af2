"""What one job of a run asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from budgetfit.errors import UsageError
from budgetfit.plans import Plan
from budgetfit.video_jobs import VideoJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.jobs import Ask
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.video.sources import Video
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["RunJob", "checked_job"]


class RunJob(VideoJob):
    """A video to be planned and asked about, or a plan to be run.

    Parameters
    ----------
    video : path, bytes, binary file, (images, times_s), VideoAnalysis, or Plan
        As for :func:`budgetfit.plan`; or a plan that was made already, with nothing else.
    prompt : str or sequence of PromptBlock, optional
        As for :func:`budgetfit.plan`.
    id : str, optional
        The job's name, in results and in the journal.
    time_limit_s, relative_gap_limit : float, optional
        When the search for the plan stops.
    num_candidates, start_s, end_s, **ask
        Limits, constraints and all else that :func:`budgetfit.plan` can be asked.

    Raises
    ------
    UsageError
        The id is no str, nothing of a plan has a name that was given, or more than a plan is given.
    """

    __slots__ = ("id", "search")

    def __init__(
        self,
        video: Video | VideoAnalysis | Plan,
        prompt: str | Sequence[PromptBlock] | None = None,
        *,
        id: str | None = None,  # noqa: A002  what users call it
        time_limit_s: float | None = None,
        relative_gap_limit: float | None = None,
        num_candidates: int | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
        **ask: Unpack[Ask],
    ) -> None:
        if id is not None and not isinstance(id, str):
            raise UsageError(f"id is {id!r}; it must be a str, or None")
        where = {"num_candidates": num_candidates, "start_s": start_s, "end_s": end_s}
        super().__init__(video, prompt, where, ask, "id, time_limit_s, relative_gap_limit")
        limits = {"time_limit_s": time_limit_s, "relative_gap_limit": relative_gap_limit}
        self.id = id
        self.search: dict[str, Any] = {n: v for n, v in limits.items() if v is not None}
        wanted = [prompt, *where.values(), *limits.values()]
        if isinstance(video, Plan) and (ask or any(one is not None for one in wanted)):
            raise UsageError(
                "a plan was given with a prompt, limits or other questions, which it has answered "
                "already; give the plan alone, or plan its video again"
            )

    @property
    def is_portable(self) -> bool:
        """Whether another process can be told of it."""
        if isinstance(self.video, Plan):
            return self.video.kept_video is None
        return super().is_portable

    def __repr__(self) -> str:
        return f"<RunJob {self.id or self.video!r}>"


def checked_job(index: int, job: object) -> RunJob:
    """Return the job as a ``RunJob``.

    Raises
    ------
    UsageError
        It is neither that, nor a plan, nor a pair of a video and a prompt.
    """
    if isinstance(job, RunJob):
        return job
    if isinstance(job, Plan):
        return RunJob(job)
    if isinstance(job, tuple | list) and len(job) == 2:
        return RunJob(*job)
    raise UsageError(
        f"job {index} is a {type(job).__name__}; give (video, prompt), a budgetfit.RunJob or a plan"
    )
