"""plan() and pose(): the one place that composes the parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Unpack

from budgetfit.errors import UsageError
from budgetfit.jobs import Job, check_single_video, job_of
from budgetfit.planning import make_plan
from budgetfit.profiles import DEFAULT_PROFILE
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, PromptBlock
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch
from budgetfit.video_analysis import VideoAnalysis, Where, analyze_source

if TYPE_CHECKING:
    import os

    from budgetfit.constraints import Constraint
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.jobs import Ask
    from budgetfit.made_from import Seen
    from budgetfit.own_measure import Measure
    from budgetfit.plans import Plan
    from budgetfit.posed_plan import PosedPlan
    from budgetfit.tokens.tokenizer import RequestTokenizer
    from budgetfit.video.sources import Video
    from budgetfit.weighing import Relevance

__all__ = ["plan", "pose"]

Progress = Callable[[str, int, int], None]


def plan(
    video: Video | VideoAnalysis,
    prompt: str | Sequence[PromptBlock] | None = None,
    *,
    system_prompt: str | None = None,
    profile: str | os.PathLike[str] = DEFAULT_PROFILE,
    max_model_len: int | None = None,
    max_tokens: int | None = None,
    max_images: int | None = None,
    text_value_per_1000_tokens: float = DEFAULT_TEXT_VALUE,
    time_limit_s: float = 2.0,
    relative_gap_limit: float = 0.005,
    num_candidates: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
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
    video : path, bytes, binary file, (images, times_s), or VideoAnalysis
        A file, its bytes, an open binary file, or a sequence of pictures (PIL images or uint8
        arrays) with their times in seconds; or what :func:`budgetfit.analyze` saw of one.
    prompt : str or sequence of PromptBlock, optional
        The user's text; the profile's own by default; may be empty. A str is kept whole unless it
        cannot fit beside one useful picture; then it is cut at a word boundary. Blocks compete with
        the pictures, each in its own way: see :class:`budgetfit.PromptBlock`.
    system_prompt : str, optional
        Sent before the prompt, never cut.
    profile : str or path
        The model and its deployment: a name in ``budgetfit.PROFILES``, or the model's folder, whose
        files tell its token rules and its longest context.
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
    start_s, end_s : float, optional
        The part of the video to plan, in seconds; all of it by default.
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
    job = job_of(
        prompt,
        {
            "system_prompt": system_prompt,
            "profile": profile,
            "max_model_len": max_model_len,
            "max_tokens": max_tokens,
            "max_images": max_images,
            "text_value_per_1000_tokens": text_value_per_1000_tokens,
            "constraints": constraints,
            "customize": customize,
            "time_labels": time_labels,
            "montage": montage,
            "relevance": relevance,
            "information": information,
        },
    )
    search_limits = SearchLimits(relative_gap_limit, time_limit_s, num_workers)
    where = Where(num_candidates, start_s, end_s)
    _check_video(video, where)
    report = on_progress or _no_progress
    seen, tokenizer = _seen_and_tokenizer(video, where, job, clock, report)
    report("choosing frames", 0, 1)
    made = make_plan(job, seen, tokenizer, search_limits, clock, on_improvement=on_improvement)
    report("choosing frames", 1, 1)
    return made


def pose(
    video: Video | VideoAnalysis,
    prompt: str | Sequence[PromptBlock] | None = None,
    *,
    num_candidates: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    **ask: Unpack[Ask],
) -> PosedPlan:
    """Look at the video and pose the choice as data, for a solver of one's own.

    Parameters
    ----------
    video, prompt, num_candidates, start_s, end_s, **ask
        As for :func:`plan`; ``customize`` cannot be asked.

    Returns
    -------
    PosedPlan
        The problem, in integers, and the way from a solution of it to a plan.

    Raises
    ------
    UsageError, VideoError
        As for :func:`plan`.
    """
    from budgetfit.posed_plan import PosedPlan
    from budgetfit.posing import pose as posed_of

    job = job_of(prompt, ask)
    if job.customize is not None:
        raise UsageError("customize was given to pose; add constraints to your own model instead")
    where = Where(num_candidates, start_s, end_s)
    _check_video(video, where)
    seen, tokenizer = _seen_and_tokenizer(video, where, job, Stopwatch(), _no_progress)
    return PosedPlan(job, seen, posed_of(job, seen.analysis, tokenizer), tokenizer)


def _seen_and_tokenizer(
    video: Video | VideoAnalysis, where: Where, job: Job, clock: Stopwatch, report: Progress
) -> tuple[Seen, RequestTokenizer]:
    with clock("import"):
        # Not in the thread: an interrupt there could leave the import lock taken.
        from budgetfit.tokens.tokenizer import RequestTokenizer
    # The tokenizer's file is parsed while the video is decoded.
    with ThreadPoolExecutor(max_workers=1) as executor:
        loading = executor.submit(RequestTokenizer, job.model)
        seen = _look_at(video, where, job, clock, report)
        with clock("import"):
            return seen, loading.result()


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of ``on_progress`` where there is none."""


def _check_video(video: Video | VideoAnalysis, where: Where) -> None:
    if not isinstance(video, VideoAnalysis):
        check_single_video(video)
    elif where != Where():
        raise UsageError(
            f"num_candidates {where.num_candidates}, start_s {where.start_s} and end_s "
            f"{where.end_s} were given with an analysis, which has looked already; "
            "give them to budgetfit.analyze"
        )


def _look_at(
    video: Video | VideoAnalysis, where: Where, job: Job, clock: Stopwatch, report: Progress
) -> Seen:
    with clock("import"):
        import_module("budgetfit.analysis")
        from budgetfit.planning import as_asked
        from budgetfit.video.held_open import opened
    with clock("analyze"):
        if isinstance(video, VideoAnalysis):
            return as_asked(job, video)
        with opened(video) as source:
            analysis = analyze_source(
                source,
                video,
                where,
                on_progress=lambda done, total: report("looking at frames", done, total),
            )
            return as_asked(job, analysis, source)
