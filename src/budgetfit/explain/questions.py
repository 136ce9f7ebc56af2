"""Questions about a plan, each answered by solving its problem with one thing otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError
from budgetfit.explain.rival import Rival
from budgetfit.problem.problem import CountRule, PromptOption
from budgetfit.problem.validator import evaluate, violations
from budgetfit.prompts.offered import by_rank
from budgetfit.search_limits import SearchLimits

if TYPE_CHECKING:
    import numpy.typing as npt

    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Limits, Plan
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.solver import Result

__all__ = ["Questions", "is_cut_by_rank", "obstacles"]

# Narrower than plan's own default, since what is asked for is often a small difference; each takes
# about as long as the plan itself did.
RELATIVE_GAP = 0.002
_TIME_LIMIT_S = 2.0

# The name of a question's own rule, which no constraint has.
_ASKED = "?"

Solve = Callable[["Problem", SearchLimits, Sequence["Solution"]], "Result"]


def _solved(problem: Problem, limits: SearchLimits, starts: Sequence[Solution]) -> Result:
    from budgetfit.solver import solve

    return solve(problem, limits, starts=starts)


def _solved_with(made: MadeFrom, customize: Customize) -> Solve:
    """Return what solves a problem to whose model its user has added constraints."""

    def solved(problem: Problem, limits: SearchLimits, starts: Sequence[Solution]) -> Result:
        from budgetfit.cpsat.customized import CustomizedModel
        from budgetfit.customized import solve_customized

        model = CustomizedModel(problem, made.posed.choice, customize)
        return solve_customized(
            problem, model, limits, starts=starts, on_improvement=lambda result: None
        )

    return solved


class Questions:
    """Solves a plan's problem again with one thing otherwise.

    Every plan found before is where the next search begins, so that equal questions, asked in
    equal order, get equal answers, and none is behind what is known already.

    Parameters
    ----------
    problem : Problem
        What the plan is a solution of.
    solution : Solution
        The plan.
    time_s : (num_candidates,) float array
        When each candidate is shown.
    relative_gap_limit : float
        Up to which gap questions are solved.
    solve_with : callable, optional
        Solves a problem from starts within limits; :func:`budgetfit.solver.solve` by default.

    Attributes
    ----------
    problem, solution, time_s
        As given.
    gap : float
        ``relative_gap_limit``.
    worth : int
        The plan's objective.
    """

    def __init__(
        self,
        problem: Problem,
        solution: Solution,
        time_s: npt.NDArray[np.float64],
        *,
        relative_gap_limit: float = RELATIVE_GAP,
        solve_with: Solve = _solved,
    ) -> None:
        self.problem, self.solution, self.time_s = problem, solution, time_s
        self.gap = relative_gap_limit
        self.worth = evaluate(problem, solution).objective_value
        self._solve = solve_with
        self._known = [solution]

    @classmethod
    def about(cls, plan: Plan, made: MadeFrom) -> Questions:
        """Return questions about a plan and what it was made from.

        A text that was cut, which comes before all pictures, stays as it is.
        """
        customize = made.job.customize
        problem, solution = made.posed.problem, made.solution
        # A function of the user's own may speak of all texts.
        if customize is None and is_cut_by_rank(made):
            sent = PromptOption(problem.prompt_options[solution.prompt].num_tokens)
            problem = replace(problem, prompt_options=(sent,))
            solution = replace(solution, prompt=0)
        return cls(
            problem,
            solution,
            made.seen.analysis.time_s,
            # A plan that was hard to prove is hard to prove otherwise, too.
            relative_gap_limit=max(RELATIVE_GAP, plan.gap),
            solve_with=_solved if customize is None else _solved_with(made, customize),
        )

    def share(self, value: int) -> float:
        """Return a value as a share of the whole; 0 where nothing counts."""
        total = self.problem.total_value
        return value / total if total else 0.0

    def best(
        self, problem: Problem, *, same_options: bool = True, bound: int | None = None
    ) -> Rival | None:
        """Return the best plan of ``problem``; None where there is none.

        Parameters
        ----------
        problem : Problem
            The plan's, but for one thing.
        same_options : bool
            Whether it has the options and sheets of the plan's problem.
        bound : int, optional
            What no solution of it is worth more than, where that is known.
        """
        known = self._known if same_options else []
        try:
            starts = [solution for solution in known if not violations(problem, solution)]
            result = self._solve(problem, SearchLimits(self.gap, _TIME_LIMIT_S), starts)
        except InfeasibleError:
            return None
        if same_options and result.solution not in self._known:
            self._known.append(result.solution)
        return self._rival(problem, result, bound)

    def without(self, candidate: int) -> Problem:
        """Return the plan's problem where a candidate's frame may not be shown."""
        return self._with_rule(candidate, maximum=0)

    def containing(self, candidate: int) -> Problem:
        """Return the plan's problem where a candidate's frame must be shown."""
        return self._with_rule(candidate, minimum=1)

    def _times_s(self, problem: Problem, solution: Solution) -> tuple[float, ...]:
        candidates = problem.option_candidate[list(solution.options)]
        return tuple(self.time_s[candidates].tolist())

    def _with_rule(
        self, candidate: int, *, minimum: int = 0, maximum: int | None = None
    ) -> Problem:
        options = np.flatnonzero(self.problem.option_candidate == candidate)
        rule = CountRule(_ASKED, tuple(options.tolist()), minimum, maximum)
        return replace(self.problem, rules=(*self.problem.rules, rule))

    def _rival(self, problem: Problem, result: Result, known_bound: int | None) -> Rival:
        values = [prompt.value for prompt in problem.prompt_options]
        text = values[result.solution.prompt]
        # A bound that was lowered to the whole says nothing about plans of better texts.
        capped = result.best_bound == problem.total_value
        bound = result.best_bound + (max(values) if capped else text)
        if known_bound is not None:
            bound = min(bound, known_bound)
        sent = self.problem.prompt_options[self.solution.prompt].value
        times_s = self._times_s(problem, result.solution)
        plan_s = self._times_s(self.problem, self.solution)
        return Rival(
            times_s=times_s,
            added_s=tuple(time_s for time_s in times_s if time_s not in plan_s),
            dropped_s=tuple(time_s for time_s in plan_s if time_s not in times_s),
            num_tokens=evaluate(problem, result.solution).num_tokens,
            information=result.information,
            text_gain=self.share(text - sent),
            loss=self.share(self.worth - result.explained_value - text),
            least_loss=self.share(self.worth - bound),
        )


def is_cut_by_rank(made: MadeFrom) -> bool:
    """Tell whether the texts that may be sent are beginnings of one that comes before pictures."""
    values = made.posed.prompts.values
    return len(values) > 1 and values == by_rank(len(values))


def obstacles(problem: Problem, limits: Limits) -> tuple[str, ...]:
    """Return in the user's words the limits and constraints that leave ``problem`` no plan.

    Parameters
    ----------
    problem : Problem
        From :class:`Questions`; its own rule is not named.
    limits : Limits
        The plan's.
    """
    # It needs OR-Tools, which most explanations do without.
    from budgetfit.conflicts import explain_conflict

    conflict = explain_conflict(problem, limits)
    members = () if conflict is None else conflict.members
    return tuple(dict.fromkeys(member.name for member in members if member.name != _ASKED))
