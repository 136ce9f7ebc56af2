"""plan(): the one place that composes the parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.jobs import (
    Job,
    check_single_video,
    checked_constraints,
    checked_limits,
    checked_text,
)
from budgetfit.posing import pose
from budgetfit.profiles import ModelProfile, get_profile
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, PromptBlock, checked_prompt
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch

if TYPE_CHECKING:
    from budgetfit.analysis import Analysis
    from budgetfit.constraints import Constraint
    from budgetfit.cpsat.customized import CustomizedModel
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.plans import Plan, PlannedFrame
    from budgetfit.posing import Posed
    from budgetfit.prompts.offered import OfferedPrompts
    from budgetfit.solver import Result
    from budgetfit.tokens.tokenizer import RequestTokenizer
    from budgetfit.video.info import VideoInfo
    from budgetfit.video.sources import Video

__all__ = ["plan"]

Progress = Callable[[str, int, int], None]


def plan(
    video: Video,
    prompt: str | Sequence[PromptBlock] | None = None,
    *,
    system_prompt: str | None = None,
    profile: str = "pixtral-12b",
    max_model_len: int | None = None,
    max_tokens: int | None = None,
    max_images: int | None = None,
    text_value_per_1000_tokens: float = DEFAULT_TEXT_VALUE,
    time_limit_s: float = 2.0,
    relative_gap_limit: float = 0.005,
    num_candidates: int | None = None,
    num_workers: int = 1,
    constraints: Sequence[Constraint] = (),
    customize: Customize | None = None,
    time_labels: bool = False,
    on_progress: Progress | None = None,
    on_improvement: Callable[[Plan], None] | None = None,
) -> Plan:
    """Decide which frames, each at which resolution, and how much of the prompt to send.

    Parameters
    ----------
    video : path, bytes, binary file, or (images, times_s)
        A file, its bytes, an open binary file, or a sequence of pictures (PIL images or uint8
        arrays) with their times in seconds.
    prompt : str or sequence of PromptBlock, optional
        The user's text; the profile's own by default; may be empty. A str is kept whole unless it
        cannot fit beside one useful picture; then it is cut at a word boundary. Blocks compete with
        the pictures, each in its own way: see :class:`budgetfit.PromptBlock`.
    system_prompt : str, optional
        Sent before the prompt, never cut.
    profile : str
        Name of the model and its deployment: one of ``budgetfit.PROFILES``.
    max_model_len, max_tokens, max_images : int, optional
        Limits; the profile's by default. The prompt gets ``max_model_len - max_tokens`` tokens.
    text_value_per_1000_tokens : float
        What 1000 tokens of a block of priority 1 are worth, where the whole video is worth 1.
    time_limit_s : float
        Seconds after which the search returns the best plan so far, with its true gap.
    relative_gap_limit : float
        The search stops as soon as the plan is proved within this share of the best possible.
    num_candidates : int, optional
        Frames to choose from; by default 33 up to a minute of video, 65 up to ten, 129 beyond.
    num_workers : int
        Threads for CP-SAT; with more than one, equal input need not give equal plans.
    constraints : sequence of Constraint
        What the plan must keep beside its limits: see :mod:`budgetfit.constraints`.
    customize : callable, optional
        Called once with a :class:`budgetfit.cpsat.plan_model.PlanModel`, the CP-SAT model and its
        variables, to which it may add any constraint; see docs/raw-model.md.
    time_labels : bool
        Whether a text such as ``"[12.4 s]"`` is sent right before each picture.
    on_progress : callable, optional
        Called with (stage, steps done, steps to do).
    on_improvement : callable, optional
        Called with the first plan and with every better one as the search finds them.

    Returns
    -------
    Plan
        The best within the time; also where the user interrupts the search (Ctrl-C).

    Raises
    ------
    UsageError
        An argument cannot be used, or a constraint not with this video; or ``customize`` sets an
        objective or leaves a model that CP-SAT refuses. Its own exceptions pass unchanged.
    VideoError
        The video cannot be read.
    InfeasibleError
        Not even the smallest useful picture fits beside an empty prompt, or no plan within the
        limits keeps all constraints; ``conflict`` says which contradict each other. Or none keeps
        what ``customize`` adds.
    TokenMismatchError
        The finished request, encoded by mistral-common, has other tokens than planned.
    """
    clock = Stopwatch()
    model = get_profile(profile)
    job = Job(
        model=model,
        limits=checked_limits(model, max_model_len, max_tokens, max_images),
        prompt=checked_prompt(model.default_prompt if prompt is None else prompt),
        text_value_per_1000_tokens=text_value_per_1000_tokens,
        system_prompt=checked_text(system_prompt or "", "system_prompt") or None,
        constraints=checked_constraints(constraints),
        customize=customize,
        time_labels=time_labels,
    )
    search_limits = SearchLimits(relative_gap_limit, time_limit_s, num_workers)
    if num_candidates is not None and (type(num_candidates) is not int or num_candidates < 1):
        raise UsageError(f"num_candidates is {num_candidates!r}; it must be at least 1, or None")
    check_single_video(video)
    report = on_progress or _no_progress
    with clock("import"):
        # Not in the thread: an interrupt there could leave the import lock taken.
        from budgetfit.tokens.tokenizer import RequestTokenizer
    # The tokenizer's file is parsed while the video is decoded.
    with ThreadPoolExecutor(max_workers=1) as executor:
        loading = executor.submit(RequestTokenizer, model)
        seen = _look_at(video, job, num_candidates, clock, report)
        with clock("import"):
            tokenizer = loading.result()
    with clock("solve"):
        report("choosing frames", 0, 1)
        posed = pose(job, seen.analysis, tokenizer)

        def finished(result: Result) -> Plan:
            return _finish(job, seen, posed.prompts, result, tokenizer=tokenizer, clock=clock)

        def tell(result: Result) -> None:
            if on_improvement is not None:
                on_improvement(finished(result))

        result = _solved(job, posed, search_limits, tell)
        report("choosing frames", 1, 1)
    return finished(result)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of the video; ``kept`` is what its pictures can be decoded from later."""

    kept: Video | None
    info: VideoInfo
    analysis: Analysis
    warnings: tuple[str, ...]


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of ``on_progress`` where there is none."""


def _look_at(
    video: Video, job: Job, num_candidates: int | None, clock: Stopwatch, report: Progress
) -> _Seen:
    with clock("import"):
        from budgetfit.analysis import analyze
        from budgetfit.video.sources import open_source
    with clock("analyze"), open_source(video) as source:
        analysis = analyze(
            source,
            job.model,
            num_candidates=num_candidates,
            also_at_s=[time_s for constraint in job.constraints for time_s in constraint.also_at_s],
            on_progress=lambda done, total: report("looking at frames", done, total),
        )
        kept = None if source.info.path is not None else video
        return _Seen(kept, source.info, analysis, tuple(source.warnings))


def _solved(
    job: Job, posed: Posed, search_limits: SearchLimits, tell: Callable[[Result], None]
) -> Result:
    from budgetfit.search.uniform import uniform_solutions
    from budgetfit.solver import solve

    problem, starts = posed.problem, tuple(uniform_solutions(posed.problem))
    # What it raises is its user's affair.
    model = None if job.customize is None else _customized(posed, job.customize)
    try:
        if model is None:
            return solve(problem, search_limits, starts=starts, on_improvement=tell)
        from budgetfit.customized import solve_customized

        return solve_customized(problem, model, search_limits, starts=starts, on_improvement=tell)
    except InfeasibleError as error:
        from budgetfit.explain.conflicts import explained

        raise explained(error, problem, job.limits) from None


def _customized(posed: Posed, customize: Customize) -> CustomizedModel:
    from budgetfit.cpsat.customized import CustomizedModel

    return CustomizedModel(posed.problem, posed.choice, customize)


def _finish(
    job: Job,
    seen: _Seen,
    prompts: OfferedPrompts,
    result: Result,
    *,
    tokenizer: RequestTokenizer,
    clock: Stopwatch,
) -> Plan:
    from budgetfit.plans import OPTIMAL_GAP, Plan, PlannedPrompt, PlannedVideo
    from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS

    info, timings_s = seen.info, dict(clock.timings)
    frames = _planned_frames(job.model, seen.analysis, result)
    sent = prompts.sent(result.solution.prompt)
    pictures = sum(frame.num_tokens for frame in frames)
    labels = sum(job.label_num_tokens((frame.time_s for frame in frames), tokenizer))
    plan = Plan(
        profile=job.model.name,
        video=PlannedVideo(info.path, info.width, info.height, info.duration_s, info.fingerprint),
        limits=job.limits,
        frames=frames,
        prompt=PlannedPrompt(sent.text, sent.num_tokens, prompts.num_tokens_full, sent.blocks),
        system_prompt=job.system_prompt,
        num_tokens=NUM_TEMPLATE_TOKENS + sent.num_tokens + labels + pictures,
        information=result.information,
        best_bound=result.best_information,
        gap=result.gap,
        status="OPTIMAL" if result.gap <= OPTIMAL_GAP else "FEASIBLE",
        proved_by=result.proved_by,
        warnings=(*seen.warnings, *sent.warnings, *_search_warnings(result)),
        timings_s=timings_s,
        time_labels=job.time_labels,
        interrupted=result.interrupted,
        kept_video=seen.kept,
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
    model: ModelProfile, analysis: Analysis, result: Result
) -> tuple[PlannedFrame, ...]:
    from budgetfit.plans import PlannedFrame

    frames = []
    for option in result.solution.options:
        candidate, level = divmod(option, len(analysis.levels))
        grid = analysis.levels[level]
        frames.append(
            PlannedFrame(
                time_s=float(analysis.time_s[candidate]),
                pts=analysis.pts[candidate],
                width=grid.columns * model.side_multiple,
                height=grid.rows * model.side_multiple,
                num_tokens=grid.num_tokens,
            )
        )
    return tuple(frames)
