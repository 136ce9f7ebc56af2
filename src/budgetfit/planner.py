"""plan(): the one place that composes the parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.finishing import Seen, finish
from budgetfit.jobs import (
    Job,
    check_single_video,
    checked_constraints,
    checked_limits,
    checked_text,
)
from budgetfit.posing import pose
from budgetfit.profiles import get_profile
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, PromptBlock, checked_prompt
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch

if TYPE_CHECKING:
    from budgetfit.analysis import Analysis
    from budgetfit.constraints import Constraint
    from budgetfit.cpsat.customized import CustomizedModel
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.own_measure import Measure
    from budgetfit.plans import Plan
    from budgetfit.posing import Posed
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.solver import Result
    from budgetfit.video.sources import Video
    from budgetfit.weighing import Relevance

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
    montage: bool = False,
    relevance: Relevance | None = None,
    information: Measure | None = None,
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
        Frames to look at, spread evenly; by default 33 up to a minute of video, 65 up to ten, 129
        beyond, and up to half as many again where the video changes. Of neighbours that show the
        same, the sharpest stands for all, unless constraints or other measures may ask for each.
    num_workers : int
        Threads for CP-SAT; with more than one, equal input need not give equal plans.
    constraints : sequence of Constraint
        What the plan must keep beside its limits: see :mod:`budgetfit.constraints`.
    customize : callable, optional
        Called once with a :class:`budgetfit.cpsat.plan_model.PlanModel`, the CP-SAT model and its
        variables, to which it may add any constraint; see docs/raw-model.md.
    time_labels : bool
        Whether a text such as ``"[12.4 s]"`` is sent right before each picture.
    montage : bool
        Whether an image may be a sheet of several moments as equal tiles: see docs/montage.md.
    relevance : callable or sequence of (float, float, float), optional
        Which moments count more: weights of intervals in seconds, (start_s, end_s, weight), or a
        function of frames and the prompt, such as :class:`budgetfit.relevance.Embedder`; see
        docs/relevance.md.
    information : callable, optional
        A measure in place of ours: a function of :class:`budgetfit.Candidates` that returns a
        :class:`budgetfit.Information`; see docs/relevance.md.
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
        montage=montage,
        relevance=relevance,
        information=information,
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
            return finish(job, seen, posed, result, tokenizer=tokenizer, clock=clock)

        def tell(result: Result) -> None:
            if on_improvement is not None:
                on_improvement(finished(result))

        result = _solved(job, seen, posed, search_limits, tell)
        report("choosing frames", 1, 1)
    return finished(result)


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of ``on_progress`` where there is none."""


def _look_at(
    video: Video, job: Job, num_candidates: int | None, clock: Stopwatch, report: Progress
) -> Seen:
    with clock("import"):
        from budgetfit.analysis import analyze
        from budgetfit.video.sources import open_source
    with clock("analyze"), open_source(video) as source:
        analysis = analyze(
            source,
            job.model,
            num_candidates=num_candidates,
            also_at_s=[time_s for constraint in job.constraints for time_s in constraint.also_at_s],
            keep_all=job.keeps_all_candidates,
            on_progress=lambda done, total: report("looking at frames", done, total),
        )
        if job.relevance is not None:
            from budgetfit.weighing import weighed

            analysis = weighed(
                analysis, job.relevance, source, job.prompt_text, job.model.side_multiple
            )
        if job.information is not None:
            from budgetfit.own_measure import measured

            analysis = measured(analysis, job.information, source, job.model.side_multiple)
        kept = None if source.info.path is not None else video
        return Seen(kept, source.info, analysis, tuple(source.warnings))


def _solved(
    job: Job, seen: Seen, posed: Posed, search_limits: SearchLimits, tell: Callable[[Result], None]
) -> Result:
    from budgetfit.solver import solve

    problem, starts = posed.problem, _uniform_starts(posed.problem, seen.analysis)
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


def _uniform_starts(problem: Problem, analysis: Analysis) -> tuple[Solution, ...]:
    from budgetfit.problem.restriction import without_sheets
    from budgetfit.search.uniform import uniform_solutions

    pictures = without_sheets(problem)
    if pictures is None:
        return ()
    return tuple(map(pictures.to_whole, uniform_solutions(pictures.problem, analysis.evenly)))


def _customized(posed: Posed, customize: Customize) -> CustomizedModel:
    from budgetfit.cpsat.customized import CustomizedModel

    return CustomizedModel(posed.problem, posed.choice, customize)
