"""Solving a problem: the cheapest means that proves the wanted gap."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.problem.restriction import Restriction, restrict
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.narrowing import Narrowing
from budgetfit.search.pairs import best_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Result", "SearchLimits", "solve"]

# Whether there is a solution at all may take longer to find out than the caller's limit.
_FEASIBILITY_S = 10.0

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
        No solution keeps all limits and rules.
    """
    limits = limits or SearchLimits()
    ends = time.perf_counter() + limits.time_limit_s
    whole = _without_forbidden(problem)
    if whole is None:
        raise _infeasible(problem)
    if whole.problem.image_limit <= _ENUMERATED_IMAGES:
        pair = best_pair(whole.problem)
        if pair is None:
            raise _infeasible(problem)
        best = whole.to_whole(pair)
        return _result(problem, best, objective(problem, best), "enumeration")
    cells = _cells(problem, whole, starts, limits)
    return _search(problem, cells, limits, ends)


@dataclass(slots=True, eq=False)
class _Cell:
    """A part of the problem that is searched on its own: all of it, or one common level.

    Attributes
    ----------
    part : Restriction
        Its options in the whole problem.
    search : Narrowing
        Its solution and bound, in its own options.
    finished : bool
        CP-SAT has had its turn.
    """

    part: Restriction
    search: Narrowing
    finished: bool = False

    def finish(self, target: int, goal: int, limits: SearchLimits) -> bool:
        """Let CP-SAT look for what reaches ``goal``; return whether it tightened the bound."""
        from budgetfit.cpsat.search import search as search_cpsat

        self.finished = True
        before = self.search.bound
        left = self.search.still_open(goal)
        if left is None:
            self.search.bound = min(before, goal - 1)
            return False
        outcome = search_cpsat(
            left.problem,
            min_images=_ENUMERATED_IMAGES + 1,
            lower_bound=goal,
            upper_bound=before,
            absolute_gap_limit=goal - 1 - target,
            time_limit_s=limits.time_limit_s,
            num_workers=limits.num_workers,
        )
        bound = goal - 1 if outcome.infeasible else outcome.best_objective_bound
        if outcome.solution is not None:
            found = exchange(self.part.problem, left.to_whole(outcome.solution))
            self.search.best = best_of(self.part.problem, [self.search.best, found])
        self.search.bound = max(bound, objective(self.part.problem, self.search.best))
        return self.search.bound < before


def _search(problem: Problem, cells: list[_Cell], limits: SearchLimits, ends: float) -> Result:
    """Work on the cell that can still be best until the gap is proved or the time is up."""
    best = best_of(problem, [cell.part.to_whole(cell.search.best) for cell in cells])
    proved_by = "lagrangian bound"
    while True:
        target, goal = objective(problem, best), _goal(problem, best, limits)
        cell = max(cells, key=lambda c: c.search.bound)
        left_s = ends - time.perf_counter()
        if cell.search.bound < goal or cell.finished or left_s <= 0:
            break
        if not cell.search.exhausted:
            cell.search.round(target, goal)
        elif cell.finish(target, goal, replace(limits, time_limit_s=left_s)):
            proved_by = "CP-SAT"
        best = best_of(problem, [best, cell.part.to_whole(cell.search.best)])
    bound = max(objective(problem, best), *(cell.search.bound for cell in cells))
    return _result(problem, best, bound, proved_by)


def _goal(problem: Problem, best: Solution, limits: SearchLimits) -> int:
    """Return the least objective that would make ``best`` miss the gap limit."""
    prompt_value = problem.prompt_options[best.prompt].value
    explained = objective(problem, best) - prompt_value
    allowed = explained * limits.relative_gap_limit / (1.0 - limits.relative_gap_limit)
    return explained + prompt_value + int(allowed) + 1


def _without_forbidden(problem: Problem) -> Restriction | None:
    """Leave out options that a rule forbids or that do not fit; None where none is left."""
    keep = problem.option_num_tokens <= problem.max_picture_tokens
    for rule in problem.rules:
        if rule.maximum == 0:
            keep[list(rule.options)] = False
    return restrict(problem, keep) if keep.any() else None


def _cells(
    problem: Problem, whole: Restriction, starts: Sequence[Solution], limits: SearchLimits
) -> list[_Cell]:
    """Return the cells that have a solution.

    Raises
    ------
    InfeasibleError
        None has.
    """
    levels = whole.problem.option_level
    if levels is None:
        masks = [np.ones(whole.problem.num_options, dtype=bool)]
    else:
        masks = [levels == level for level in np.unique(levels)]
    cells = []
    for mask in masks:
        part = whole.narrowed(mask)
        known = _known_solutions(part, starts, limits)
        if known:
            cells.append(_Cell(part, Narrowing(part.problem, known, _ENUMERATED_IMAGES + 1)))
    if not cells:
        raise _infeasible(problem)
    return cells


def _known_solutions(
    part: Restriction, starts: Sequence[Solution], limits: SearchLimits
) -> list[Solution]:
    """Return feasible solutions of a cell: the best few, the greedy ones, the given ones."""
    problem = part.problem
    few = best_pair(replace(problem, max_images=min(problem.image_limit, _ENUMERATED_IMAGES)))
    found = [few, *(greedy(problem, price) for price in (0.0, math.inf))]
    found += [part.from_whole(start) for start in starts]
    known = [solution for solution in found if solution is not None]
    if known or not problem.rules:
        return known
    return _found_by_cpsat(problem, limits)


def _found_by_cpsat(problem: Problem, limits: SearchLimits) -> list[Solution]:
    """Ask CP-SAT for any solution: rules can make that hard."""
    from budgetfit.cpsat.search import search as search_cpsat

    outcome = search_cpsat(
        problem,
        lower_bound=0,
        upper_bound=problem.total_value + max(p.value for p in problem.prompt_options),
        absolute_gap_limit=0,
        time_limit_s=max(limits.time_limit_s, _FEASIBILITY_S),
        first_only=True,
    )
    if outcome.solution is None:
        return []
    return [exchange(problem, outcome.solution)]


def _infeasible(problem: Problem) -> InfeasibleError:
    cheapest = int(problem.option_num_tokens.min())
    shortest = min(prompt.num_tokens for prompt in problem.prompt_options)
    if cheapest + shortest > problem.max_prompt_tokens:
        return InfeasibleError(
            f"the smallest picture ({cheapest} tokens) and the shortest prompt ({shortest} tokens) "
            f"need {cheapest + shortest} tokens, but only {problem.max_prompt_tokens} are there"
        )
    demands = "; ".join(rule.name for rule in problem.rules) or "one common resolution"
    return InfeasibleError(
        f"nothing keeps {problem.max_prompt_tokens} prompt tokens, {problem.image_limit} images "
        f"and these demands together: {demands}"
    )


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
