"""What a way of solving gave on an instance, judged by the independent validator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.problem.validator import evaluate, violations

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Outcome", "judge"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value, what is proved about it, and the time that both took.

    Attributes
    ----------
    value : int or None
        Objective of the solution, recomputed from the data; None where none was found.
    bound : int or None
        Proved upper bound on the objective; None where nothing is proved.
    time_s : float
        Seconds of everything: building a model, searching, proving.
    """

    value: int | None
    bound: int | None
    time_s: float

    def gap_to(self, bound: int) -> float:
        """Return the relative gap to ``bound``; 1 where there is no solution."""
        if self.value is None:
            return 1.0
        return (bound - self.value) / bound if bound else 0.0

    @property
    def gap(self) -> float:
        """The gap that it proved itself; 1 where it proved nothing."""
        return 1.0 if self.bound is None else self.gap_to(self.bound)


def judge(problem: Problem, solution: Solution | None, bound: int | None, time_s: float) -> Outcome:
    """Return the outcome of ``solution``.

    Raises
    ------
    RuntimeError
        The solution breaks a limit, or is worth more than its bound.
    """
    if solution is None:
        return Outcome(None, bound, time_s)
    broken = violations(problem, solution)
    if broken:
        raise RuntimeError(f"an infeasible solution: {'; '.join(broken)}")
    value = evaluate(problem, solution).objective_value
    if bound is not None and bound < value:
        raise RuntimeError(f"the bound {bound} is below the value {value}")
    return Outcome(value, bound, time_s)
