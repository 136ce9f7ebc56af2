"""Solving a problem: the cheapest means that proves the wanted gap."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError, UsageError
from budgetfit.problem.restriction import restrict
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import best_of, objective, room
from budgetfit.search.exchange import exchange
from budgetfit.search.greedy import greedy
from budgetfit.search.lagrangian import (
    FIXED_POINT,
    Bound,
    Multipliers,
    cannot_improve,
    minimize_bound,
)
from budgetfit.search.pairs import best_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Result", "SearchLimits", "solve"]

# Up to here exact enumeration of one or two pictures is faster than any proof.
_ENUMERATED_IMAGES = 2

# Multiples of the bound's own prices at which greedy is run again.
_PRICE_MULTIPLES = (0.3, 0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5, 2.0)


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

    At most two pictures are enumerated exactly. Otherwise greedy construction and exchanges find a
    solution, a Lagrangian bound judges it, and CP-SAT is built only if the gap is still too wide.

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
    limits = limits or SearchLimits()
    began = time.perf_counter()
    _require_room(problem)
    if problem.image_limit <= _ENUMERATED_IMAGES:
        best = best_pair(problem)
        if best is None:
            raise RuntimeError("no pair was found although the cheapest option fits")
        return _result(problem, best, objective(problem, best), "enumeration")
    best = _first_solution(problem, starts)
    allowed = _allowed_gap(problem, best, limits)
    bound = minimize_bound(
        problem, objective(problem, best), stop_at=objective(problem, best) + allowed
    )
    if bound.value - objective(problem, best) > allowed:
        best = _priced_solution(problem, best, bound.multipliers)
    if bound.value - objective(problem, best) <= _allowed_gap(problem, best, limits):
        return _result(problem, best, bound.value, "lagrangian bound")
    left_s = limits.time_limit_s - (time.perf_counter() - began)
    if left_s <= 0:
        return _result(problem, best, bound.value, "lagrangian bound")
    return _search_further(problem, best, bound, replace(limits, time_limit_s=left_s))


def _require_room(problem: Problem) -> None:
    cheapest = int(problem.option_num_tokens.min())
    shortest = min(prompt.num_tokens for prompt in problem.prompt_options)
    if cheapest + shortest > problem.max_prompt_tokens:
        raise InfeasibleError(
            f"the smallest picture ({cheapest} tokens) and the shortest prompt ({shortest} tokens) "
            f"need {cheapest + shortest} tokens, but only {problem.max_prompt_tokens} are there"
        )


def _first_solution(problem: Problem, starts: Sequence[Solution]) -> Solution:
    """Return the best of the greedy solutions, the best pair and ``starts``, each improved."""
    cheapest = int(problem.option_num_tokens.min())
    prompts = [p for p in range(len(problem.prompt_options)) if room(problem, p) >= cheapest]
    built = [greedy(problem, prompt, price) for prompt in prompts for price in (0.0, np.inf)]
    built.append(best_pair(replace(problem, max_images=_ENUMERATED_IMAGES)))
    improved = [exchange(problem, solution) for solution in built if solution is not None]
    return best_of(problem, [*improved, exchange(problem, best_of(problem, [*improved, *starts]))])


def _priced_solution(problem: Problem, best: Solution, prices: Multipliers) -> Solution:
    """Return the best solution that greedy builds with prices around the bound's own."""
    token_price, image_price = prices.token / FIXED_POINT, prices.image / FIXED_POINT
    priced = [
        greedy(problem, best.prompt, multiple * token_price, multiple * image_price)
        for multiple in _PRICE_MULTIPLES
    ]
    return best_of(problem, [best, *(exchange(problem, s) for s in priced if s is not None)])


def _allowed_gap(problem: Problem, solution: Solution, limits: SearchLimits) -> int:
    """Return the largest ``bound - objective`` whose relative gap is within the limit."""
    explained = evaluate(problem, solution).explained_value
    return int(explained * limits.relative_gap_limit / (1.0 - limits.relative_gap_limit))


def _search_further(problem: Problem, best: Solution, bound: Bound, limits: SearchLimits) -> Result:
    """Let CP-SAT close the gap, over the options that can still help."""
    from budgetfit.cpsat.search import search

    target = objective(problem, best)
    keep = np.ones(problem.num_options, dtype=bool)
    for multipliers in bound.trail:
        keep &= ~cannot_improve(problem, multipliers, target)
    keep[list(best.options)] = True
    smaller = restrict(problem, keep)
    outcome = search(
        smaller.problem,
        hint=smaller.from_whole(best),
        upper_bound=bound.value,
        absolute_gap_limit=_allowed_gap(problem, best, limits),
        time_limit_s=limits.time_limit_s,
        num_workers=limits.num_workers,
    )
    if outcome.solution is not None:
        found = exchange(problem, smaller.to_whole(outcome.solution))
        best = best_of(problem, [best, found])
    proved_by = "CP-SAT" if outcome.best_objective_bound < bound.value else "lagrangian bound"
    return _result(problem, best, outcome.best_objective_bound, proved_by)


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
