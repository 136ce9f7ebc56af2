"""``budgetfit.solver.solve``, timed as the planner calls it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.solve.outcome import Outcome, judge

from budgetfit.search.uniform import uniform_solutions
from budgetfit.solver import SearchLimits, solve

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem

__all__ = ["Solved", "load", "solve_ours"]


@dataclass(frozen=True, slots=True)
class Solved:
    """An outcome, and whose bound it is.

    Attributes
    ----------
    outcome : Outcome
        Value, bound and time.
    proved_by : str
        As in :class:`~budgetfit.solver.Result`.
    """

    outcome: Outcome
    proved_by: str


def load() -> None:
    """Load OR-Tools, which ``solve`` otherwise does when it first needs it."""
    import budgetfit.cpsat.search  # noqa: F401


def solve_ours(problem: Problem, relative_gap_limit: float, time_limit_s: float) -> Solved:
    """Solve on one thread, as the planner does: beside its uniform plans."""
    began = time.perf_counter()
    result = solve(
        problem,
        SearchLimits(relative_gap_limit=relative_gap_limit, time_limit_s=time_limit_s),
        starts=tuple(uniform_solutions(problem)),
    )
    time_s = time.perf_counter() - began
    prompt_value = problem.prompt_options[result.solution.prompt].value
    bound = result.best_bound + prompt_value
    return Solved(judge(problem, result.solution, bound, time_s), result.proved_by)
