"""From what was seen and asked to a plan: what planning and every question about a plan share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError
from budgetfit.finishing import finish
from budgetfit.made_from import Seen
from budgetfit.posing import pose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from budgetfit.analysis import Analysis
    from budgetfit.cpsat.customized import CustomizedModel
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.jobs import Job
    from budgetfit.plans import Plan
    from budgetfit.posing import Posed
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result
    from budgetfit.stopwatch import Stopwatch
    from budgetfit.tokens.tokenizer import RequestTokenizer
    from budgetfit.video.sources import VideoSource
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["as_asked", "make_plan"]


def as_asked(job: Job, video: VideoAnalysis, source: VideoSource | None = None) -> Seen:
    """Return what was seen, with the frames that ``job`` names, weighed as it asks.

    Parameters
    ----------
    job : Job
        What is asked.
    video : VideoAnalysis
        What was seen.
    source : VideoSource, optional
        The open video; opened again by default, where the job needs frames decoded.

    Raises
    ------
    UsageError
        A constraint names a time outside the video, or what weighs the moments gives what cannot
        be used.
    VideoError
        The video cannot be read.
    """
    named = [time_s for constraint in job.constraints for time_s in constraint.also_at_s]
    video = video.also_at(named, source)
    analysis = video.of_model(job.model, keep_all=job.keeps_all_candidates)
    if job.relevance is None and job.information is None:
        return Seen(video, analysis)
    if source is None:
        with video.open() as again:
            return Seen(video, _weighed(job, analysis, again))
    return Seen(video, _weighed(job, analysis, source))


def _weighed(job: Job, analysis: Analysis, source: VideoSource) -> Analysis:
    if job.relevance is not None:
        from budgetfit.weighing import weighed

        side = job.model.side_multiple
        return weighed(analysis, job.relevance, source, job.prompt_text, side)
    if job.information is not None:
        from budgetfit.own_measure import measured

        return measured(analysis, job.information, source, job.model.side_multiple)
    return analysis


def make_plan(
    job: Job,
    seen: Seen,
    tokenizer: RequestTokenizer,
    search_limits: SearchLimits,
    clock: Stopwatch,
    *,
    starts: Sequence[Solution] = (),
    on_improvement: Callable[[Plan], None] | None = None,
) -> Plan:
    """Pose the problem, solve it and return the plan.

    Parameters
    ----------
    job : Job
        What is asked.
    seen : Seen
        The video.
    tokenizer : RequestTokenizer
        The model's.
    search_limits : SearchLimits
        When to stop.
    clock : Stopwatch
        Takes the time.
    starts : sequence of Solution
        Solutions of other problems over the same options; those that keep this one's limits are
        where the search begins.
    on_improvement : callable, optional
        Called with the first plan and with every better one.

    Raises
    ------
    InfeasibleError
        No plan keeps all limits and constraints.
    """
    with clock("solve"):
        posed = pose(job, seen.analysis, tokenizer)

        def finished(result: Result) -> Plan:
            return finish(job, seen, posed, result, tokenizer=tokenizer, clock=clock)

        def tell(result: Result) -> None:
            if on_improvement is not None:
                on_improvement(finished(result))

        known = [*_feasible(posed.problem, starts), *_uniform_starts(posed.problem, seen.analysis)]
        result = _solved(job, posed, search_limits, known, tell)
    return finished(result)


def _feasible(problem: Problem, starts: Sequence[Solution]) -> Iterator[Solution]:
    from budgetfit.problem.validator import violations

    return (solution for solution in starts if not violations(problem, solution))


def _solved(
    job: Job,
    posed: Posed,
    search_limits: SearchLimits,
    starts: Sequence[Solution],
    tell: Callable[[Result], None],
) -> Result:
    from budgetfit.solver import solve

    problem = posed.problem
    # What it raises is its user's affair.
    model = None if job.customize is None else _customized(posed, job.customize)
    try:
        if model is None:
            return solve(problem, search_limits, starts=starts, on_improvement=tell)
        from budgetfit.customized import solve_customized

        return solve_customized(problem, model, search_limits, starts=starts, on_improvement=tell)
    except InfeasibleError as error:
        from budgetfit.conflicts import explained

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
