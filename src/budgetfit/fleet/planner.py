"""plan_many(): the one place that composes a fleet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from budgetfit.errors import BudgetfitError, UsageError
from budgetfit.fleet.crews import make_crew
from budgetfit.fleet.dividing import Objective, divide
from budgetfit.fleet.fleet_plan import FleetPlan
from budgetfit.fleet.jobs import FleetJob, checked_jobs
from budgetfit.fleet.solving import Setting
from budgetfit.search_limits import SearchLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from budgetfit.fleet.crews import Crew
    from budgetfit.fleet.curves import Curve
    from budgetfit.fleet.dividing import Division
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.video.sources import Video
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["plan_many"]

# Of the gap, what solving one room may leave open.
_ROOM_SHARE = 0.5

# How often jobs that leave much of the gap open are solved again.
_MAX_ROUNDS = 12


def plan_many(
    jobs: Iterable[FleetJob | tuple[Video | VideoAnalysis, str | Sequence[PromptBlock] | None]],
    *,
    total_tokens: int,
    objective: Objective = "total",
    relative_gap_limit: float = 0.01,
    time_limit_s: float = 2.0,
    num_processes: int | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> FleetPlan:
    """Plan many videos within one number of tokens.

    Every job that can be served is served: as many as possible of the highest priority, then of the
    next. Then the jobs of the highest priority get the tokens that show most of their videos, but
    for the cheapest request of each job below; the next ones share what is left, and so on. Jobs of
    one priority share their tokens for the best objective, each within its own limits.

    Parameters
    ----------
    jobs : iterable of (video, prompt) or FleetJob
        What to plan, see :class:`budgetfit.FleetJob`.
    total_tokens : int
        Prompt tokens that all requests together may have, text and template included.
    objective : str
        ``"total"``: the sum of weight times information. ``"worst"``: the least information of any
        video, and the sum with the tokens that are then left; weights have to be equal.
    relative_gap_limit : float
        Videos are solved again in further rooms until the division is proved within this share of
        the best possible, or nothing is gained by it.
    time_limit_s : float
        Seconds after which the search for the best of one video in one room ends.
    num_processes : int, optional
        Processes that look at videos and solve; 1 for this one alone, and by default one a core
        where there are enough videos. They run no code of the caller's, so no ``__main__`` guard is
        needed; jobs with functions, open files or pictures are done in this process.
    on_progress : callable, optional
        Called with (stage, jobs done, jobs to do).

    Returns
    -------
    FleetPlan
        The plans, in the order of the jobs, and the reason for each that is missing. Unless a time
        limit strikes, the same jobs give the same plans whatever the number of processes.

    Raises
    ------
    UsageError
        An argument cannot be used, or a job is none. What is wrong within one job, as a video that
        cannot be read, is in ``FleetPlan.errors`` and stops no other.
    """
    fleet = checked_jobs(jobs)
    _check(fleet, total_tokens, objective, num_processes)
    # Refuses what cannot be a limit.
    SearchLimits(relative_gap_limit, time_limit_s)
    room_limits = SearchLimits(_ROOM_SHARE * relative_gap_limit, time_limit_s)
    setting = Setting(total_tokens, room_limits)
    with make_crew(fleet, setting, num_processes, on_progress or _no_progress) as crew:
        asked = _Asked(fleet, crew, total_tokens, objective, relative_gap_limit)
        curves, errors = crew.look(range(len(fleet)))
        while True:
            division, curves, broken = _divided(asked, curves)
            errors |= broken
            plans, broken = crew.plans(
                {index: (curves[index], chosen) for index, chosen in division.chosen.items()}
            )
            if not broken:
                break
            # A video that cannot be read any more leaves its tokens to the others.
            errors |= broken
            curves = {index: curve for index, curve in curves.items() if index not in broken}
    all_errors: dict[int, BudgetfitError] = {**errors, **division.refused}
    return FleetPlan(
        plans=tuple(plans.get(index) for index in range(len(fleet))),
        errors={index: all_errors[index] for index in sorted(all_errors)},
        total_tokens=total_tokens,
        objective=objective,
        information=division.value,
        best_bound=division.bound,
        price=100 * division.price,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be divided among whom, and who works on it."""

    fleet: Sequence[FleetJob]
    crew: Crew
    total_tokens: int
    objective: Objective
    relative_gap_limit: float

    def divide(self, curves: dict[int, Curve]) -> Division:
        """Divide the tokens by what is known."""
        jobs = {index: self.fleet[index] for index in curves}
        return divide(jobs, curves, self.total_tokens, self.objective, self.relative_gap_limit)


def _divided(
    asked: _Asked, curves: dict[int, Curve]
) -> tuple[Division, dict[int, Curve], dict[int, BudgetfitError]]:
    """Divide, looking again at jobs that leave much open; return what failed then as well."""
    errors: dict[int, BudgetfitError] = {}
    for _ in range(_MAX_ROUNDS):
        division = asked.divide(curves)
        if not division.wanted:
            return division, curves, errors
        again, broken = asked.crew.look_again(
            {index: (curves[index], room) for index, room in division.wanted.items()}
        )
        errors |= broken
        curves = {i: again.get(i, curve) for i, curve in curves.items() if i not in broken}
    return asked.divide(curves), curves, errors


def _check(
    fleet: Sequence[FleetJob], total_tokens: object, objective: object, num_processes: object
) -> None:
    for name, number in (("total_tokens", total_tokens), ("num_processes", num_processes)):
        missing = name == "num_processes" and number is None
        if not missing and (type(number) is not int or number < 1):
            raise UsageError(f"{name} is {number!r}; it must be a whole number of at least 1")
    if objective not in get_args(Objective):
        raise UsageError(f'objective is {objective!r}; it must be "total" or "worst"')
    if objective == "worst" and len({job.weight for job in fleet}) > 1:
        raise UsageError(
            'jobs have different weights, which "worst" has no use for; give all the same weight, '
            'or take objective="total"'
        )


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of ``on_progress`` where there is none."""
