"""The exact trade-off of information against prompt tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.explain.curves import Frontier, FrontierCurve, FrontierPoint, images_phrase
from budgetfit.explain.marks import FrontierMark, marks_of
from budgetfit.explain.restoring import restored
from budgetfit.explain.rooms import in_room, rooms_of
from budgetfit.explain.solving_again import solve_again
from budgetfit.explain.sweeping import sweep
from budgetfit.finishing import finish
from budgetfit.plans import OPTIMAL_GAP
from budgetfit.posing import pose
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.sweeping import SolveAlone
    from budgetfit.jobs import Job
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.posing import Posed
    from budgetfit.problem.solution import Solution
    from budgetfit.solver import Result
    from budgetfit.video.sources import Video

__all__ = ["Frontier", "FrontierCurve", "FrontierMark", "FrontierPoint", "frontier"]

_DEFAULTS = SearchLimits()


def frontier(
    plan: Plan,
    *,
    num_points: int = 20,
    room_tokens: int | None = None,
    max_images: Sequence[int | None] = (),
    relative_gap_limit: float = _DEFAULTS.relative_gap_limit,
    time_limit_s: float = _DEFAULTS.time_limit_s,
    video: Video | None = None,
) -> Frontier:
    """Return the trade-off of information against prompt tokens, a proved plan at each point.

    Everything but the room and the image limit is as for ``plan``: prompt, constraints, weights.

    Parameters
    ----------
    plan : Plan
        The plan whose question is asked again.
    num_points : int
        Rooms on each curve, at least 2, from the cheapest request on, each about as many times the
        last one; the plan's own is among them.
    room_tokens : int, optional
        The largest room, in prompt tokens; by default the one beyond which next to nothing is
        gained, whatever context the model has, and at least the plan's own.
    max_images : sequence of int or None
        Image limits, one curve each; the plan's own by default.
    relative_gap_limit, time_limit_s : float
        As for ``budgetfit.plan``, for each point.
    video : Video, optional
        The video, where the plan comes from a file and its path does not lead to it.

    Raises
    ------
    UsageError
        A number cannot be used.
    InfeasibleError
        Under one of the image limits nothing keeps the constraints, in whatever room.
    VideoError, PlanFileError
        As :func:`~budgetfit.explain.restoring.restored`.
    """
    image_limits = _checked(num_points, room_tokens, max_images or (plan.limits.max_images,))
    plan = restored(plan, video)
    made = plan.made_from
    if made is None:
        raise RuntimeError("a restored plan has what it was made from")
    rooms = rooms_of(made, num_points, room_tokens, image_limits)
    asked = _Asked(plan, made, rooms, SearchLimits(relative_gap_limit, time_limit_s))
    curves: dict[int | None, FrontierCurve] = {}
    known: list[list[Solution]] = [[made.solution] for _ in rooms]
    # What few images can do, more of them can.
    for limit in sorted(image_limits, key=lambda number: (number is None, number)):
        curves[limit], found = _curve(asked, limit, known)
        known = [[*before, *more] for before, more in zip(known, found, strict=True)]
    return Frontier(
        curves=tuple(curves[limit] for limit in image_limits),
        marks=tuple(marks_of(plan, made)),
        budget=plan.limits.max_prompt_tokens,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The plan, what it was made from, for which rooms it is made again, and when to stop."""

    plan: Plan
    made: MadeFrom
    rooms: Sequence[int]
    limits: SearchLimits

    def bound(self, posed: Posed, job: Job) -> int | None:
        """Return what the plan's own bound says of a problem; None where it says nothing."""
        theirs, mine = job.limits, self.plan.limits
        problem, before = posed.problem, self.made.posed.problem
        fewer = mine.max_images is None or (
            theirs.max_images is not None and theirs.max_images <= mine.max_images
        )
        if (
            not fewer
            or theirs.max_prompt_tokens != mine.max_prompt_tokens
            or problem.prompt_options != before.prompt_options
            or self.plan.best_bound >= 1
        ):
            return None
        # Information is a ratio of integers that a float holds exactly enough to be undone.
        bound = round(self.plan.best_bound * before.total_value)
        return bound + before.prompt_options[self.made.solution.prompt].value


def _checked(
    num_points: int, room_tokens: int | None, max_images: Sequence[int | None]
) -> tuple[int | None, ...]:
    """Return the image limits, each once.

    Raises
    ------
    UsageError
        A number cannot be used.
    """
    if type(num_points) is not int or num_points < 2:
        raise UsageError(f"num_points is {num_points!r}; it must be a whole number of at least 2")
    for name, number in (("room_tokens", room_tokens), *(("max_images", n) for n in max_images)):
        if number is not None and (type(number) is not int or number < 1):
            raise UsageError(f"{name} has {number!r}; give whole numbers of at least 1, or None")
    return tuple(dict.fromkeys(max_images))


def _curve(
    asked: _Asked, max_images: int | None, known: Sequence[Sequence[Solution]]
) -> tuple[FrontierCurve, list[list[Solution]]]:
    """Return the curve of an image limit, and the solutions of its rooms."""
    made = asked.made
    jobs = [in_room(made.job, room, max_images) for room in asked.rooms]
    posed = [pose(job, made.seen.analysis, made.tokenizer) for job in jobs]
    results = sweep(
        [each.problem for each in posed],
        asked.limits,
        starts=known,
        bounds=[asked.bound(each, job) for each, job in zip(posed, jobs, strict=True)],
        solve_alone=_customized(made.job, posed, asked.limits),
    )
    points: list[FrontierPoint] = []
    for job, each, result in zip(jobs, posed, results, strict=True):
        if result is not None:
            before = [asked.plan, *(point.plan for point in points[-1:])]
            finished = _finished(made, job, each, result, before)
            points.append(FrontierPoint(job.limits.max_prompt_tokens, finished))
    if not points:
        raise InfeasibleError(
            f"with {images_phrase(max_images)} nothing keeps the constraints, in whatever "
            "room; allow more images or loosen the constraints"
        )
    found = [[] if result is None else [result.solution] for result in results]
    return FrontierCurve(max_images, tuple(points)), found


def _customized(job: Job, posed: Sequence[Posed], limits: SearchLimits) -> SolveAlone | None:
    """Return how to solve what is customized; None where nothing is."""
    if job.customize is None:
        return None
    return lambda index, known: solve_again(job, posed[index], limits, known)


def _finished(
    made: MadeFrom, job: Job, posed: Posed, result: Result, before: Sequence[Plan]
) -> Plan:
    """Return the plan of ``result``; its tokens are counted once more unless it is one before."""
    for plan in before:
        there = plan.made_from
        if (
            there is not None
            and there.solution == result.solution
            and there.posed.prompts.num_tokens == posed.prompts.num_tokens
            and there.posed.prompts.values == posed.prompts.values
        ):
            return replace(
                plan,
                limits=job.limits,
                best_bound=result.best_information,
                gap=result.gap,
                status="OPTIMAL" if result.gap <= OPTIMAL_GAP else "FEASIBLE",
                proved_by=result.proved_by,
                made_from=replace(there, job=job, posed=posed),
            )
    return finish(job, made.seen, posed, result, tokenizer=made.tokenizer, clock=Stopwatch())
