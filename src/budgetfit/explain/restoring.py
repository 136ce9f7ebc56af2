"""What a plan was made from, made again where the plan came from a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budgetfit.errors import PlanFileError, UsageError
from budgetfit.jobs import Job
from budgetfit.made_from import MadeFrom
from budgetfit.model_folders import find_profile
from budgetfit.planning import as_asked
from budgetfit.posing import pose
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate
from budgetfit.video.reopening import reopened
from budgetfit.video_analysis import analyze_source

if TYPE_CHECKING:
    from budgetfit.asked import Asked
    from budgetfit.made_from import Seen
    from budgetfit.plans import Plan
    from budgetfit.posing import Posed
    from budgetfit.video.sources import Video

__all__ = ["restored"]

# Information is a ratio of integers, written as a decimal.
_TOLERANCE = 1e-9


def restored(plan: Plan, video: Video | None = None) -> Plan:
    """Return ``plan`` with what it was made from; itself where it still has that.

    Parameters
    ----------
    plan : Plan
        From ``budgetfit.plan``, from a file, or from another process.
    video : Video, optional
        The video, where the plan's path does not lead to it.

    Raises
    ------
    VideoError
        The video cannot be read; ``VideoChangedError`` where it is another than the one planned.
    PlanFileError
        The plan does not say what was asked, this version measures the video otherwise, or the
        model counts otherwise.
    UsageError
        What was asked held functions, which no file can hold.
    """
    if plan.made_from is not None:
        return plan
    if plan.asked is None:
        raise PlanFileError(
            "the plan does not say what was asked, as files of earlier versions; plan again"
        )
    if plan.asked.unsaved:
        raise UsageError(
            f"the plan was made with {', '.join(plan.asked.unsaved)}, which no file can hold; "
            "plan again, and ask the plan that budgetfit.plan returns"
        )
    job = _job(plan, plan.asked)
    tokenizer = plan.tokenizer()
    seen = _seen(plan, plan.asked, job, video)
    posed = pose(job, seen.analysis, tokenizer)
    solution = _solution(plan, seen, posed)
    worth = evaluate(posed.problem, solution).explained_value
    total = posed.problem.total_value
    if abs(plan.information - (worth / total if total else 1.0)) > _TOLERANCE:
        raise _measured_otherwise()
    # What was given is read again for pictures as well.
    given = plan.kept_video if video is None else video
    kept = seen.video.kept if given is None else given
    made = MadeFrom(job, seen, posed, solution, tokenizer)
    return replace(plan, made_from=made, kept_video=kept)


def _job(plan: Plan, asked: Asked) -> Job:
    return Job(
        model=find_profile(plan.profile),
        limits=plan.limits,
        prompt=asked.prompt,
        text_value_per_1000_tokens=asked.text_value_per_1000_tokens,
        system_prompt=plan.system_prompt,
        constraints=asked.constraints,
        customize=None,
        time_labels=plan.time_labels,
        montage=asked.montage,
        relevance=asked.relevance,
        information=None,
    )


def _seen(plan: Plan, asked: Asked, job: Job, video: Video | None) -> Seen:
    kept = plan.kept_video if video is None else video
    with reopened(plan.video.path, kept, plan.video.fingerprint, plan.video.num_bytes) as source:
        given = str(plan.video.path) if kept is None else kept
        return as_asked(job, analyze_source(source, given, asked.where), source)


def _solution(plan: Plan, seen: Seen, posed: Posed) -> Solution:
    """Return the plan as a solution of its problem."""
    pts, choice = seen.analysis.pts, posed.choice
    tiles = {index for sheet in plan.sheets for index in sheet.frames}
    found = {
        (pts[candidate], width, height, is_tile): option
        for option, (candidate, width, height, is_tile) in enumerate(
            zip(
                choice.candidate.tolist(),
                choice.width.tolist(),
                choice.height.tolist(),
                posed.problem.is_tile.tolist(),
                strict=True,
            )
        )
    }
    wanted = [
        (frame.pts, frame.width, frame.height, index in tiles)
        for index, frame in enumerate(plan.frames)
    ]
    side = plan.image_rules.side_multiple
    layouts = [sheet.layout(side) for sheet in plan.sheets]
    sent = [
        index
        for index in range(len(posed.prompts.num_tokens))
        if posed.prompts.num_tokens[index] == plan.prompt.num_tokens
        and posed.prompts.sent(index).text == plan.prompt.text
    ]
    if any(key not in found for key in wanted) or not sent:
        raise _measured_otherwise()
    if any(layout not in posed.sheets for layout in layouts):
        raise _measured_otherwise()
    return Solution(
        tuple(found[key] for key in wanted),
        sent[0],
        tuple(posed.sheets.index(layout) for layout in layouts),
    )


def _measured_otherwise() -> PlanFileError:
    return PlanFileError(
        "the plan is none of those that this version of budgetfit finds in the video: another "
        "version made it; plan again"
    )
