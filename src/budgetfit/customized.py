"""Solving a problem to whose model its user has added constraints."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.lagrangian import cannot_reach
from budgetfit.search.moment_prices import MomentPrices
from budgetfit.solver import checked_result, least_miss, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from budgetfit.cpsat.customized import CustomizedModel
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits
    from budgetfit.solver import Result

__all__ = ["solve_customized"]

# The search without the user's constraints may take this share of the time.
_FREE_SHARE = 0.25

# Whether there is a solution at all may take longer to find out than the caller's limit.
_FEASIBILITY_S = 10.0

# CP-SAT refuses a limit of no time.
_LEAST_S = 1e-3

_DUAL_STEPS = 300

# The first solution is looked for among what can reach this share of the free one's worth.
_FIRST_TARGETS = (0.9, 0.0)

# Rounds of prices, each solved to this share of the bound.
_PRICE_ROUNDS = 12
_PRICED_GAP = 5e-4

# CP-SAT first aims at this share of the gap, then at half of it, and so on down to its foot.
_FIRST_AMBITION = 0.8
_LEAST_AMBITION = 0.1

# A model with so many (moment, option) pairs is solved at once.
_SMALL_MODEL = 10_000


def solve_customized(
    problem: Problem,
    model: CustomizedModel,
    limits: SearchLimits,
    *,
    starts: Sequence[Solution] = (),
    on_improvement: Callable[[Result], None],
) -> Result:
    """Solve ``problem`` with its user's constraints to a proved gap.

    The problem is first solved without them. Where the solution keeps them, that is all: what is
    proved of it holds among fewer rivals too. Elsewhere its bound is still a bound, and CP-SAT
    closes the gap from above, each time over the options that can still reach its aim.

    Parameters
    ----------
    problem : Problem
        The data.
    model : CustomizedModel
        Its model with the user's constraints.
    limits : SearchLimits
        When to stop.
    starts : sequence of Solution
        Solutions of ``problem`` from which to start.
    on_improvement : callable
        Called with the first result and with every better one, on the caller's thread.

    Raises
    ------
    InfeasibleError
        No solution keeps all limits, rules and the user's constraints, or none was found in time.
    """
    ends = time.perf_counter() + limits.time_limit_s
    free_limits = replace(limits, time_limit_s=_FREE_SHARE * limits.time_limit_s)
    free = solve(problem, free_limits, starts=starts)
    if model.keeps(free.solution, objective(problem, free.solution), _patient(limits)):
        on_improvement(free)
        return free
    if free.interrupted:
        raise KeyboardInterrupt
    search = _Search(problem, model, free, limits)
    search.begin(max(ends - time.perf_counter(), _LEAST_S))
    on_improvement(search.result())
    try:
        while search.step(ends):
            if search.improved:
                on_improvement(search.result())
    except KeyboardInterrupt:
        search.interrupted = True
    return search.result()


class _Search:
    """The best solution that keeps the user's constraints, and the bound; valid at any moment."""

    def __init__(
        self, problem: Problem, model: CustomizedModel, free: Result, limits: SearchLimits
    ) -> None:
        self._problem, self._model, self._limits = problem, model, limits
        self._patience = _patient(limits)
        self._free, self._free_bound = free, _objective_bound(problem, free)
        self._bound, self._proved_by = self._free_bound, free.proved_by
        known = objective(problem, free.solution)
        dual = DualSearch(problem, free.solution)
        dual.run(_DUAL_STEPS, known, stop_at=known)
        self._multipliers = dual.best_multipliers()
        self._prices = MomentPrices(problem, self._multipliers.moment)
        self._rounds_left = _PRICE_ROUNDS
        self._ambition = _FIRST_AMBITION
        self._finished = False
        self._best, self._counts, self._found = free.solution, False, False
        self.improved = False
        self.interrupted = False

    def begin(self, time_limit_s: float) -> None:
        """Find a good solution, or any."""
        ends = time.perf_counter() + time_limit_s
        for share in _FIRST_TARGETS:
            target = int(share * objective(self._problem, self._free.solution))
            left_s = max(ends - time.perf_counter(), _LEAST_S)
            may_be = self._lower_prices(self._open(target), target, left_s)
            if not may_be and target == 0:
                raise _infeasible(self._problem)
            if self.improved:
                return
            if self.interrupted:
                raise KeyboardInterrupt
        self._any()

    def _any(self) -> None:
        everything = np.ones(self._problem.num_options, dtype=bool)
        outcome = self._model.any_among(
            everything, lower_bound=0, upper_bound=self._bound, limits=self._patience
        )
        if outcome.infeasible:
            raise _infeasible(self._problem)
        if outcome.solution is not None:
            self._take(outcome.solution)
        if outcome.interrupted:
            raise KeyboardInterrupt
        if not self.improved:
            raise _not_found(self._patience)

    def step(self, ends: float) -> bool:
        """Look for something better or a smaller bound; return whether there is more to do."""
        goal = least_miss(self._problem, self._best, self._limits)
        left_s = ends - time.perf_counter()
        self.improved = False
        if self._bound < goal or self._finished or self.interrupted or left_s <= 0:
            return False
        if self._rounds_left:
            target = objective(self._problem, self._best)
            self._lower_prices(self._open(target), target, left_s)
        else:
            self._aim_above(goal, left_s)
        return True

    def _lower_prices(
        self, is_open: npt.NDArray[np.bool_], target: int, time_limit_s: float
    ) -> bool:
        """Bound what open options can be worth; the choice that says so is often good itself.

        Options that are not open are in nothing worth ``target`` or more. Return whether any choice
        of open ones may keep the user's constraints.
        """
        self._rounds_left -= 1
        outcome = self._model.best_priced(
            self._prices.rounded,
            is_open,
            absolute_gap_limit=int(_PRICED_GAP * self._bound),
            limits=replace(self._limits, time_limit_s=time_limit_s),
        )
        self.interrupted = outcome.interrupted
        self._lower(target if outcome.infeasible else max(outcome.best_objective_bound, target))
        if outcome.solution is None:
            return not outcome.infeasible
        reached = max(target, objective(self._problem, outcome.solution))
        self._prices.step(outcome.solution, outcome.best_objective_bound, reached)
        self._take(outcome.solution)
        return True

    def _aim_above(self, goal: int, time_limit_s: float) -> None:
        """Look for a solution in the upper part of the gap, as ``cells.Cell.refute`` does."""
        aim, is_open = goal, self._open(goal)
        if is_open.sum() * self._problem.num_moments > _SMALL_MODEL:
            aim = goal + int(self._ambition * (self._bound - goal))
            is_open = self._open(aim)
        if not is_open.any():
            self._refuted(aim)
            return
        outcome = self._model.any_among(
            is_open,
            lower_bound=aim,
            upper_bound=self._bound,
            limits=replace(self._limits, time_limit_s=time_limit_s),
            hint=self._best,
        )
        self.interrupted = outcome.interrupted
        if outcome.infeasible:
            self._refuted(aim)
        elif outcome.solution is None:
            self._finished = True
        else:
            self._take(outcome.solution)

    def _take(self, solution: Solution) -> None:
        """Keep ``solution`` where it keeps the user's constraints and is the best."""
        if self._found and best_of(self._problem, [self._best, solution]) == self._best:
            return
        worth = objective(self._problem, solution)
        counts = self._model.keeps(solution, worth, self._patience)
        if counts or self._model.keeps(solution, 0, self._patience):
            self.improved = not self._found or worth > objective(self._problem, self._best)
            self._best, self._counts, self._found = solution, counts, True

    def _open(self, aim: int) -> npt.NDArray[np.bool_]:
        """Tell which options a solution worth ``aim`` or more may have."""
        return ~cannot_reach(self._problem, self._multipliers, aim)

    def _lower(self, bound: int) -> None:
        if bound < self._bound:
            self._bound, self._proved_by = bound, "CP-SAT"

    def _refuted(self, aim: int) -> None:
        """Take note that nothing reaches ``aim``."""
        self._lower(aim - 1)
        self._ambition = self._ambition / 2 if self._ambition > _LEAST_AMBITION else 0.0

    def result(self) -> Result:
        """Return the state as a result."""
        worth = objective(self._problem, self._best)
        bound, proved_by = self._bound, self._proved_by
        if not self._counts:
            # The user limits explanations from above: bounds on the model are none on plans.
            bound, proved_by = self._free_bound, self._free.proved_by
        result = checked_result(self._problem, self._best, max(bound, worth), proved_by)
        return replace(result, interrupted=self.interrupted)


def _patient(limits: SearchLimits) -> SearchLimits:
    return replace(limits, time_limit_s=max(limits.time_limit_s, _FEASIBILITY_S))


def _infeasible(problem: Problem) -> InfeasibleError:
    demands = list(dict.fromkeys(rule.name for rule in problem.rules))
    if problem.option_level is not None:
        demands.append("one common resolution")
    own = [f"{problem.max_prompt_tokens} prompt tokens, {problem.image_limit} images", *demands]
    return InfeasibleError(
        "the customized model has no solution: the constraints that customize adds contradict each "
        f"other or what the plan must keep anyway: {'; '.join(own)}"
    )


def _not_found(limits: SearchLimits) -> InfeasibleError:
    return InfeasibleError(
        "no plan that keeps the constraints that customize adds was found within "
        f"{limits.time_limit_s:g} s, nor is it proved that there is none; raise time_limit_s or "
        "loosen them"
    )


def _objective_bound(problem: Problem, result: Result) -> int:
    """Return the bound on the objective, where ``result`` has it beside its prompt option."""
    values = [prompt.value for prompt in problem.prompt_options]
    if result.best_bound == problem.total_value:
        return result.best_bound + max(values)
    return result.best_bound + values[result.solution.prompt]
