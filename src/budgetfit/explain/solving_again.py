"""Solving what a plan was made from once more, changed by a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.solver import solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.jobs import Job
    from budgetfit.posing import Posed
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result

__all__ = ["solve_again"]


def solve_again(
    job: Job, posed: Posed, limits: SearchLimits, starts: Sequence[Solution] = ()
) -> Result:
    """Solve ``posed.problem`` as planning does, customized where the job is.

    Raises
    ------
    InfeasibleError
        Nothing keeps all that is asked.
    KeyboardInterrupt
        The user interrupts the search: half an answer is none.
    """
    if job.customize is None:
        result = solve(posed.problem, limits, starts=starts)
    else:
        from budgetfit.cpsat.customized import CustomizedModel
        from budgetfit.customized import solve_customized

        model = CustomizedModel(posed.problem, posed.choice, job.customize)
        result = solve_customized(
            posed.problem, model, limits, starts=starts, on_improvement=lambda _: None
        )
    if result.interrupted:
        raise KeyboardInterrupt
    return result
