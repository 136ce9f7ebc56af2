"""A plan yet to be chosen: its problem, for solvers and models of its user's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.finishing import finish
from budgetfit.problem.validator import violations
from budgetfit.search_limits import SearchLimits
from budgetfit.stopwatch import Stopwatch

if TYPE_CHECKING:
    from budgetfit.constraints import Choice
    from budgetfit.jobs import Job
    from budgetfit.made_from import Seen
    from budgetfit.plans import Plan
    from budgetfit.posing import Posed
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.solver import Result
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["PosedPlan"]


@dataclass(frozen=True, eq=False, repr=False)
class PosedPlan:
    """What may be chosen for one request, from :func:`budgetfit.pose`."""

    job: Job
    seen: Seen
    posed: Posed
    tokenizer: RequestTokenizer

    @property
    def problem(self) -> Problem:
        """The choice in integers, within the request's own limits."""
        return self.posed.problem

    @property
    def choice(self) -> Choice:
        """What the problem's options are, in their order."""
        return self.posed.choice

    def plan(self, solution: Solution) -> Plan:
        """Return the plan of a solution.

        Its bound is that of the request on its own, whatever else had to be kept: the gap says what
        keeping it cost at most.

        Raises
        ------
        UsageError
            The solution breaks the problem's limits or rules.
        """
        from budgetfit.solver import checked_result

        broken = violations(self.problem, solution)
        if broken:
            raise UsageError(f"this is no solution of the problem: {'; '.join(broken)}")
        alone = self._alone
        prompts = self.problem.prompt_options
        bound = alone.best_bound + prompts[alone.solution.prompt].value
        result = checked_result(self.problem, solution, bound, alone.proved_by)
        return finish(
            self.job, self.seen, self.posed, result, tokenizer=self.tokenizer, clock=Stopwatch()
        )

    @cached_property
    def _alone(self) -> Result:
        from budgetfit.solver import solve

        return solve(self.problem, SearchLimits())

    def __repr__(self) -> str:
        return (
            f"<PosedPlan of {self.seen.video!r}: {self.problem.num_options} options, "
            f"{len(self.problem.prompt_options)} prompts>"
        )
