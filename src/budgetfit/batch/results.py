"""What came of a job: an answer with a summary of its plan, or the error."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budgetfit.engines import Answer
from budgetfit.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PlanSummary", "RunResult", "result_of", "to_record", "video_name"]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a plan sent.

    Attributes
    ----------
    num_tokens : int
        Prompt tokens of the whole request.
    num_images : int
        Pictures sent.
    times_s : tuple of float
        The moments shown, in seconds.
    information, best_bound, gap : float
        As of :class:`budgetfit.Plan`.
    status : str
        ``"OPTIMAL"`` or ``"FEASIBLE"``.
    warnings : tuple of str
        What the user should know.
    """

    num_tokens: int
    num_images: int
    times_s: tuple[float, ...]
    information: float
    best_bound: float
    gap: float
    status: str
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan) -> PlanSummary:
        """Return the summary of a plan."""
        return cls(
            num_tokens=plan.num_tokens,
            num_images=len(plan.pictures),
            times_s=tuple(frame.time_s for frame in plan.frames),
            information=plan.information,
            best_bound=plan.best_bound,
            gap=plan.gap,
            status=plan.status,
            warnings=plan.warnings,
        )


@dataclass(frozen=True, slots=True)
class RunResult:
    """What came of one job.

    Attributes
    ----------
    index : int
        The job's place among the jobs, from 0.
    id : str or None
        The job's id.
    video : str or None
        The video's path; None where it has none.
    plan : PlanSummary or None
        What was sent; None where the video could not be planned.
    answer : Answer or None
        What the model said; None where there is an error.
    error : Exception or None
        Why there is no answer: a ``BudgetfitError``, unless code of the caller's own raised.
    num_attempts : int
        How often the engine was asked.
    from_journal : bool
        Whether the answer was read from the journal, not computed in this run.
    """

    index: int
    id: str | None
    video: str | None
    plan: PlanSummary | None
    answer: Answer | None
    error: Exception | None = None
    num_attempts: int = 0
    from_journal: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON can hold it."""
        data = {
            part.name: getattr(self, part.name)
            for part in dataclasses.fields(self)
            if part.name not in {"plan", "answer", "error"}
        }
        error = self.error
        return {
            **data,
            "plan": None if self.plan is None else dataclasses.asdict(self.plan),
            "answer": None if self.answer is None else dataclasses.asdict(self.answer),
            "error": None if error is None else {"kind": type(error).__name__, "text": str(error)},
        }


def video_name(video: object) -> str | None:
    """Return the path of a job's video; None where it has none."""
    if isinstance(video, Plan):
        return video.video.path
    if isinstance(video, str | os.PathLike):
        return os.fsdecode(video)
    info = getattr(video, "info", None)
    return getattr(info, "path", None)


def to_record(result: RunResult) -> dict[str, Any]:
    """Return what a journal keeps of an answer."""
    data = result.to_dict()
    del data["error"], data["from_journal"]
    return data


def result_of(record: Mapping[str, Any]) -> RunResult:
    """Return the result that ``to_record`` was given."""
    plan = dict(record["plan"])
    for name in ("times_s", "warnings"):
        plan[name] = tuple(plan[name])
    return RunResult(
        index=record["index"],
        id=record["id"],
        video=record["video"],
        plan=PlanSummary(**plan),
        answer=Answer(**record["answer"]),
        num_attempts=record["num_attempts"],
        from_journal=True,
    )
