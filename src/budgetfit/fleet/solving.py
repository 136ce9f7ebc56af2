"""One job of a fleet: its problem, solved in the rooms that are asked for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.cpsat.customized import CustomizedModel
from budgetfit.customized import solve_customized
from budgetfit.explain.rooms import cheapest_request, in_room
from budgetfit.explain.sweeping import sweep
from budgetfit.explain.warm_solving import objective_bound, prices_of
from budgetfit.finishing import finish
from budgetfit.fleet.curves import Curve, Line, SolvedRoom
from budgetfit.planner import plan as plan_alone
from budgetfit.problem.validator import evaluate
from budgetfit.prompts.offered import by_rank, only
from budgetfit.search.lagrangian import lagrangian_bound
from budgetfit.solver import checked_result
from budgetfit.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.sweeping import SolveAlone
    from budgetfit.fleet.jobs import FleetJob
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result

__all__ = ["JobSolver", "Setting", "solve_rooms"]

# Rooms that every job is solved in, each about as many times the last one.
_NUM_ROOMS = 8

# Problems kept for the next question; others are posed again.
_MAX_KEPT = 64


@dataclass(frozen=True, slots=True)
class Setting:
    """What all jobs of a fleet share.

    Attributes
    ----------
    total_tokens : int
        Prompt tokens of all requests together.
    limits : SearchLimits
        When the search of each room stops.
    """

    total_tokens: int
    limits: SearchLimits


class JobSolver:
    """Answers questions about jobs; it can be asked in any order, in any process.

    Parameters
    ----------
    setting : Setting
        What all jobs share.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._kept: OrderedDict[int, MadeFrom] = OrderedDict()

    def look(self, index: int, job: FleetJob) -> Curve:
        """Look at a job's video and solve it in a few rooms.

        Raises
        ------
        BudgetfitError
            As for :func:`budgetfit.plan`.
        """
        made = self._made(index, job)
        problem = made.posed.problem
        most = min(made.job.limits.max_prompt_tokens, self._setting.total_tokens)
        least = cheapest_request(problem)
        curve = Curve(least, most, problem.total_value, ())
        if least > most:
            return curve
        rooms = np.rint(np.geomspace(least, most, _NUM_ROOMS)).astype(int).tolist()
        return self._solved(made, curve, sorted(set(rooms)), [made.solution])

    def look_again(self, index: int, job: FleetJob, curve: Curve, rooms: Sequence[int]) -> Curve:
        """Solve a job in further rooms."""
        known = [one.solution for one in curve.solved]
        return self._solved(self._made(index, job), curve, rooms, known)

    def plan(self, index: int, job: FleetJob, curve: Curve, solved: SolvedRoom) -> Plan:
        """Return the plan of a solved room; it may have just the tokens that it has."""
        made = self._made(index, job)
        tokens = solved.num_tokens
        problem = replace(made.posed.problem, max_prompt_tokens=tokens)
        bound, proved_by = curve.bound_at(tokens)
        result = checked_result(problem, solved.solution, max(bound, solved.objective), proved_by)
        plan = finish(
            in_room(made.job, tokens, made.job.limits.max_images),
            made.seen,
            replace(made.posed, problem=problem),
            result,
            tokenizer=made.tokenizer,
            clock=Stopwatch(),
        )
        # What it was made from is much, for many videos; questions about the plan make it again.
        return replace(plan, made_from=None)

    def _made(self, index: int, job: FleetJob) -> MadeFrom:
        """Return what the job's own plan is made from: that within its own limits alone."""
        made = self._kept.pop(index, None) or _made_from(job, self._setting.limits)
        self._kept[index] = made
        if len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return made

    def _solved(
        self, made: MadeFrom, curve: Curve, rooms: Sequence[int], known: Sequence[Solution]
    ) -> Curve:
        problems = [replace(made.posed.problem, max_prompt_tokens=room) for room in rooms]
        limits = self._setting.limits
        solve_alone = _customized(made, problems, limits)
        return solve_rooms(problems, curve, limits, known=known, solve_alone=solve_alone)


def solve_rooms(
    problems: Sequence[Problem],
    curve: Curve,
    limits: SearchLimits,
    *,
    known: Sequence[Solution] = (),
    solve_alone: SolveAlone | None = None,
) -> Curve:
    """Return the curve with further rooms.

    Parameters
    ----------
    problems : sequence of Problem
        The job's problem in rooms that rise.
    curve : Curve
        What is known of it.
    limits : SearchLimits
        When the search of each room stops.
    known : sequence of Solution
        Solutions, whether they fit or not.
    solve_alone : callable, optional
        As for :func:`~budgetfit.explain.sweeping.sweep`.
    """
    bounds = [
        curve.bound_at(one.max_prompt_tokens)[0] if curve.solved else None for one in problems
    ]
    results = sweep(
        problems, limits, starts=[known] * len(problems), bounds=bounds, solve_alone=solve_alone
    )
    return curve.with_more(
        _solved_room(alone, result, replace(alone, max_prompt_tokens=curve.most))
        for alone, result in zip(problems, results, strict=True)
        if result is not None
    )


def _made_from(job: FleetJob, limits: SearchLimits) -> MadeFrom:
    plan = plan_alone(
        job.video,
        job.prompt,
        relative_gap_limit=limits.relative_gap_limit,
        time_limit_s=limits.time_limit_s,
        **job.where,
        **job.ask,
    )
    if plan.interrupted:
        raise KeyboardInterrupt
    if plan.made_from is None:
        raise RuntimeError("a plan made here has what it was made from")
    return _with_its_text(plan.made_from)


def _with_its_text(made: MadeFrom) -> MadeFrom:
    """Keep of a text that does not compete with pictures what the job's own plan sends of it."""
    posed, solution = made.posed, made.solution
    if posed.prompts.values != by_rank(len(posed.prompts.values)):
        return made
    sent = posed.prompts.sent(solution.prompt)
    option = replace(posed.problem.prompt_options[solution.prompt], value=0)
    problem = replace(posed.problem, prompt_options=(option,))
    posed = replace(posed, problem=problem, prompts=only(sent, posed.prompts.num_tokens_full))
    return replace(made, posed=posed, solution=replace(solution, prompt=0))


def _customized(
    made: MadeFrom, problems: Sequence[Problem], limits: SearchLimits
) -> SolveAlone | None:
    customize = made.job.customize
    if customize is None:
        return None

    def solve_alone(index: int, known: Sequence[Solution]) -> Result:
        model = CustomizedModel(problems[index], made.posed.choice, customize)
        return solve_customized(
            problems[index], model, limits, starts=known, on_improvement=lambda _: None
        )

    return solve_alone


def _solved_room(problem: Problem, result: Result, largest: Problem) -> SolvedRoom:
    worth = evaluate(problem, result.solution)
    line = None
    if problem.total_value:
        prices = prices_of(problem, result)
        line = Line(lagrangian_bound(largest, prices), prices.token)
    return SolvedRoom(
        room=problem.max_prompt_tokens,
        num_tokens=worth.num_tokens,
        solution=result.solution,
        objective=worth.objective_value,
        bound=objective_bound(problem, result),
        proved_by=result.proved_by,
        line=line,
    )
