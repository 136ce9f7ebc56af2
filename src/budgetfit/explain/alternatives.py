"""Other plans that are nearly as good and show other moments."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.explain.restoring import restored
from budgetfit.explain.solving_again import solve_again
from budgetfit.finishing import finish
from budgetfit.problem.problem import CountRule
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch
from budgetfit.video.info import TIME_PRECISION_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.solver import Result
    from budgetfit.video.sources import Video

__all__ = ["alternatives", "different"]

_DEFAULTS = SearchLimits()


def alternatives(
    plan: Plan,
    n: int = 3,
    *,
    min_new_frames: int | None = None,
    min_difference_s: float | None = None,
    relative_gap_limit: float = _DEFAULTS.relative_gap_limit,
    time_limit_s: float = _DEFAULTS.time_limit_s,
    video: Video | None = None,
) -> tuple[Plan, ...]:
    """Return the best plan that differs from ``plan``, the best that differs from both, and so on.

    A plan differs from an earlier one where at least ``min_new_frames`` of its frames are shown
    more than ``min_difference_s`` before or after every frame of the earlier one. All else is as
    asked for ``plan``. ``best_bound`` and ``gap`` of each speak of the plans that differ from all
    earlier ones in this way: among those, each is proved within its gap of the best.

    Parameters
    ----------
    plan : Plan
        The plan.
    n : int
        How many; fewer come back where no more differ enough.
    min_new_frames : int, optional
        Frames at moments that no earlier plan shows; by default half of the plan's, rounded up.
    min_difference_s : float, optional
        How far from every moment of an earlier plan such a moment is, in seconds; by default a
        quarter of the seconds of video that there are for each of the plan's frames.
    relative_gap_limit, time_limit_s : float
        As for ``budgetfit.plan``, for each.
    video : Video, optional
        The video, where the plan comes from a file and its path does not lead to it.

    Raises
    ------
    UsageError
        A number cannot be used.
    VideoError, PlanFileError
        As :func:`~budgetfit.explain.restoring.restored`.
    """
    if type(n) is not int or n < 0:
        raise UsageError(f"n is {n!r}; it must be a whole number of at least 0")
    plan = restored(plan, video)
    made = plan.made_from
    if made is None:
        raise RuntimeError("a restored plan has what it was made from")
    new = -(-len(plan.frames) // 2) if min_new_frames is None else min_new_frames
    if type(new) is not int or new < 1:
        raise UsageError(f"min_new_frames is {new!r}; it must be a whole number of at least 1")
    away_s = _quarter_s(made, len(plan.frames)) if min_difference_s is None else min_difference_s
    if not 0 <= away_s < math.inf:
        raise UsageError(f"min_difference_s is {away_s!r}; it must be seconds, at least 0")
    limits = SearchLimits(relative_gap_limit, time_limit_s)
    choice, job = made.posed.choice, made.job
    found = different(
        made.posed.problem,
        choice.time_s[choice.candidate],
        made.solution,
        lambda problem: solve_again(job, replace(made.posed, problem=problem), limits),
        min_new_frames=new,
        min_difference_s=away_s,
    )
    return tuple(
        finish(
            job,
            made.seen,
            replace(made.posed, problem=problem),
            result,
            tokenizer=made.tokenizer,
            clock=Stopwatch(),
        )
        for problem, result in islice(found, n)
    )


def different(
    problem: Problem,
    option_time_s: npt.NDArray[np.float64],
    first: Solution,
    solve: Callable[[Problem], Result],
    *,
    min_new_frames: int,
    min_difference_s: float,
) -> Iterator[tuple[Problem, Result]]:
    """Yield the best that differs from ``first``, the best that differs from both, and so on.

    Parameters
    ----------
    problem : Problem
        The data.
    option_time_s : (num_options,) float array
        When the frame of each option is shown.
    first : Solution
        Where to begin.
    solve : callable
        Solves a problem; raises ``InfeasibleError`` where there is no solution.
    min_new_frames, min_difference_s
        How different, as for :func:`alternatives`.

    Yields
    ------
    Problem, Result
        ``problem`` with the rules that keep it from all before, and its result.
    """
    solution = first
    while True:
        gap_s = np.abs(option_time_s[:, None] - option_time_s[list(solution.options)])
        away = gap_s.min(axis=1) > min_difference_s + TIME_PRECISION_S
        rule = CountRule(
            f"at least {min_new_frames} frames elsewhere",
            tuple(np.flatnonzero(away).tolist()),
            minimum=min_new_frames,
        )
        problem = replace(problem, rules=(*problem.rules, rule))
        try:
            result = solve(problem)
        except InfeasibleError:
            return
        yield problem, result
        solution = result.solution


def _quarter_s(made: MadeFrom, num_frames: int) -> float:
    where, info = made.seen.video.where, made.seen.video.info
    end_s = info.duration_s if where.end_s is None else where.end_s
    return (end_s - (where.start_s or 0.0)) / (4 * num_frames)
