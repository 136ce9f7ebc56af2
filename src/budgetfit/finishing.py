"""From a solution to the plan in its user's terms, its tokens counted once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.analysis import Analysis
    from budgetfit.jobs import Job
    from budgetfit.made_from import Seen
    from budgetfit.plans import Plan, PlannedFrame, PlannedSheet
    from budgetfit.posing import Posed
    from budgetfit.solver import Result
    from budgetfit.stopwatch import Stopwatch
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["finish"]


def finish(
    job: Job,
    seen: Seen,
    posed: Posed,
    result: Result,
    *,
    tokenizer: RequestTokenizer,
    clock: Stopwatch,
) -> Plan:
    """Return the plan of ``result``.

    Parameters
    ----------
    job : Job
        What was asked.
    seen : Seen
        The video.
    posed : Posed
        The problem.
    result : Result
        Its solution.
    tokenizer : RequestTokenizer
        The model's.
    clock : Stopwatch
        Where the time went.

    Raises
    ------
    TokenMismatchError
        The finished request, encoded by mistral-common, has other tokens than planned.
    """
    from budgetfit.asked import asked_of
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import OPTIMAL_GAP, Plan, PlannedPrompt, PlannedVideo
    from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS

    info, timings_s = seen.video.info, dict(clock.timings)
    frames = _planned_frames(job, seen.analysis, posed, result)
    sheets = _planned_sheets(job, posed, result)
    sent = posed.prompts.sent(result.solution.prompt)
    on_sheets = {index for sheet in sheets for index in sheet.frames}
    alone = [frame for index, frame in enumerate(frames) if index not in on_sheets]
    images = sum(frame.num_tokens for frame in alone) + sum(sheet.num_tokens for sheet in sheets)
    labels = sum(job.label_num_tokens((frame.time_s for frame in alone), tokenizer))
    plan = Plan(
        profile=job.model.name,
        video=PlannedVideo(
            info.path,
            info.width,
            info.height,
            info.duration_s,
            info.fingerprint,
            info.num_bytes,
        ),
        asked=asked_of(job, seen.video),
        limits=job.limits,
        frames=frames,
        prompt=PlannedPrompt(
            sent.text, sent.num_tokens, posed.prompts.num_tokens_full, sent.blocks
        ),
        system_prompt=job.system_prompt,
        num_tokens=NUM_TEMPLATE_TOKENS + sent.num_tokens + labels + images,
        information=result.information,
        best_bound=result.best_information,
        gap=result.gap,
        status="OPTIMAL" if result.gap <= OPTIMAL_GAP else "FEASIBLE",
        proved_by=result.proved_by,
        warnings=(*seen.video.warnings, *sent.warnings, *_search_warnings(result)),
        timings_s=timings_s,
        time_labels=job.time_labels,
        sheets=sheets,
        token_rules=tokenizer.rules,
        interrupted=result.interrupted,
        kept_video=seen.video.kept,
        made_from=MadeFrom(job, seen, posed, result.solution, tokenizer),
    )
    # Encodes the whole request with mistral-common, and raises where the count is another.
    plan.prompt_token_ids()
    timings_s["total"] = clock.total_s
    return plan


def _search_warnings(result: Result) -> list[str]:
    if not result.interrupted:
        return []
    return [f"the search was interrupted; the plan is proved within {result.gap:.2%} of the best"]


def _planned_frames(
    job: Job, analysis: Analysis, posed: Posed, result: Result
) -> tuple[PlannedFrame, ...]:
    from budgetfit.plans import PlannedFrame

    side = job.model.side_multiple
    cells = {sheet.tile_size(side): sheet.cell for sheet in posed.sheets}
    frames = []
    for option in result.solution.options:
        candidate = int(posed.choice.candidate[option])
        width, height = int(posed.choice.width[option]), int(posed.choice.height[option])
        num_tokens = int(posed.choice.num_tokens[option])
        if posed.problem.is_tile[option]:
            cell = cells[width, height]
            num_tokens = cell.columns * cell.rows
        frames.append(
            PlannedFrame(
                time_s=float(analysis.time_s[candidate]),
                pts=analysis.pts[candidate],
                width=width,
                height=height,
                num_tokens=num_tokens,
            )
        )
    return tuple(frames)


def _planned_sheets(job: Job, posed: Posed, result: Result) -> tuple[PlannedSheet, ...]:
    from budgetfit.plans import PlannedSheet
    from budgetfit.problem.images import images_of

    position = {option: index for index, option in enumerate(result.solution.options)}
    return tuple(
        PlannedSheet.of(
            [position[option] for option in image.options],
            posed.sheets[image.sheet],
            job.model.side_multiple,
        )
        for image in images_of(posed.problem, result.solution)
        if image.sheet is not None
    )
