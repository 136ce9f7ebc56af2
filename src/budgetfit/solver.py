"""Solving a problem: the cheapest means that proves the wanted gap."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.exchange import exchange
from budgetfit.search.narrowing import Narrowing
from budgetfit.search.pairs import best_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Result", "SearchLimits", "solve"]

# Up to here exact enumeration of one or two pictures is faster than any proof.
_ENUMERATED_IMAGES = 2


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """When the search stops.

    Attributes
    ----------
    relative_gap_limit : float
        Stop as soon as the gap is proved to be at most this.
    time_limit_s : float
        Seconds after which the best solution so far is returned with its true gap.
    num_workers : int
        Threads for CP-SAT; with more than one, equal input need not give equal solutions.

    Raises
    ------
    UsageError
        A limit is out of its range.
    """

    relative_gap_limit: float = 0.005
    time_limit_s: float = 2.0
    num_workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.relative_gap_limit < 1:
            raise UsageError(
                f"relative_gap_limit is {self.relative_gap_limit!r}; it must lie in [0, 1)"
            )
        if not 0 < self.time_limit_s < math.inf:
            raise UsageError(f"time_limit_s is {self.time_limit_s!r}; it must be above 0")
        if type(self.num_workers) is not int or self.num_workers < 1:
            raise UsageError(
                f"num_workers is {self.num_workers!r}; it must be a whole number of at least 1"
            )


@dataclass(frozen=True, slots=True)
class Result:
    """A solution and what is proved about it.

    Attributes
    ----------
    solution : Solution
        The best solution found; the validator has passed it.
    explained_value : int
        What its pictures explain, without the prompt option's value.
    best_bound : int
        Proved upper bound on what pictures can explain beside the prompt option that was chosen.
    total_value : int
        What explaining everything would be worth.
    proved_by : str
        ``"enumeration"``, ``"lagrangian bound"`` or ``"CP-SAT"``: whose bound it is.
    """

    solution: Solution
    explained_value: int
    best_bound: int
    total_value: int
    proved_by: str

    @property
    def information(self) -> float:
        """Share of the whole that is explained, in [0, 1]; 1 where nothing counts."""
        return self.explained_value / self.total_value if self.total_value else 1.0

    @property
    def best_information(self) -> float:
        """Proved upper bound on ``information``."""
        return self.best_bound / self.total_value if self.total_value else 1.0

    @property
    def gap(self) -> float:
        """Relative gap, ``(best_bound - explained_value) / best_bound``; 0 where nothing counts."""
        if self.best_bound == 0:
            return 0.0
        return (self.best_bound - self.explained_value) / self.best_bound


def solve(
    problem: Problem,
    limits: SearchLimits | None = None,
    *,
    starts: Sequence[Solution] = (),
) -> Result:
    """Solve ``problem`` to a proved gap.

    One or two pictures are enumerated exactly. For more, local search and a Lagrangian bound take
    turns: the bound rules out options, which makes the next search faster and its proof tighter.
    CP-SAT is built, over the options that are left, only where the gap stays too wide.

    Parameters
    ----------
    problem : Problem
        The data.
    limits : SearchLimits, optional
        When to stop.
    starts : sequence of Solution
        Feasible solutions that the result must not fall behind.

    Raises
    ------
    InfeasibleError
        Not even the cheapest picture fits beside the shortest prompt option.
    """
    began = time.perf_counter()
    limits = limits or SearchLimits()
    _require_room(problem)
    few = best_pair(replace(problem, max_images=min(problem.image_limit, _ENUMERATED_IMAGES)))
    if few is None:
        raise RuntimeError("no pair was found although the cheapest option fits")
    if problem.image_limit <= _ENUMERATED_IMAGES:
        return _result(problem, few, objective(problem, few), "enumeration")
    search = Narrowing(problem, few, starts, min_images=_ENUMERATED_IMAGES + 1)
    while search.gap_above(limits.relative_gap_limit):
        left_s = limits.time_limit_s - (time.perf_counter() - began)
        if search.exhausted or left_s <= 0:
            break
        search.round(limits.relative_gap_limit)
    else:
        return _result(problem, search.best, search.bound, "lagrangian bound")
    if left_s <= 0:
        return _result(problem, search.best, search.bound, "lagrangian bound")
    return _search_further(search, replace(limits, time_limit_s=left_s))


def _require_room(problem: Problem) -> None:
    cheapest = int(problem.option_num_tokens.min())
    shortest = min(prompt.num_tokens for prompt in problem.prompt_options)
    if cheapest + shortest > problem.max_prompt_tokens:
        raise InfeasibleError(
            f"the smallest picture ({cheapest} tokens) and the shortest prompt ({shortest} tokens) "
            f"need {cheapest + shortest} tokens, but only {problem.max_prompt_tokens} are there"
        )


def _search_further(search: Narrowing, limits: SearchLimits) -> Result:
    """Let CP-SAT close the gap, over the options that can still help."""
    from budgetfit.cpsat.search import search as search_cpsat

    goal = search.goal(limits.relative_gap_limit)
    left = search.still_open(goal)
    if left is None:
        return _result(search.whole, search.best, goal - 1, "lagrangian bound")
    outcome = search_cpsat(
        left.problem,
        min_images=_ENUMERATED_IMAGES + 1,
        lower_bound=goal,
        upper_bound=search.bound,
        absolute_gap_limit=goal - 1 - objective(search.whole, search.best),
        time_limit_s=limits.time_limit_s,
        num_workers=limits.num_workers,
    )
    best, bound = search.best, outcome.best_objective_bound
    if outcome.infeasible:
        bound = goal - 1
    if outcome.solution is not None:
        found = exchange(search.whole, left.to_whole(outcome.solution))
        best = best_of(search.whole, [best, found])
    bound = max(bound, objective(search.whole, best))
    proved_by = "CP-SAT" if bound < search.bound else "lagrangian bound"
    return _result(search.whole, best, bound, proved_by)


def _result(problem: Problem, best: Solution, bound: int, proved_by: str) -> Result:
    broken = violations(problem, best)
    if broken:
        raise RuntimeError(f"the solver returned an infeasible solution: {'; '.join(broken)}")
    worth = evaluate(problem, best)
    if bound < worth.objective_value:
        raise RuntimeError(f"the bound {bound} is below the objective {worth.objective_value}")
    prompt_value = problem.prompt_options[best.prompt].value
    return Result(
        solution=best,
        explained_value=worth.explained_value,
        best_bound=min(bound - prompt_value, problem.total_value),
        total_value=problem.total_value,
        proved_by=proved_by,
    )
