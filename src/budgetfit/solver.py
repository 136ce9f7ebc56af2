"""Solving a problem: the cheapest means that proves the wanted gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.cells import ENUMERATED_IMAGES, infeasible, make_cells, without_forbidden
from budgetfit.problem.validator import evaluate, violations
from budgetfit.search.coverage import best_of, objective
from budgetfit.search.deadline import Deadline
from budgetfit.search.pairs import best_pair
from budgetfit.search_limits import SearchLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budgetfit.cells import Cell
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Result", "SearchLimits", "checked_result", "least_miss", "solve"]


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
    interrupted : bool
        The user stopped the search before the gap was proved.
    """

    solution: Solution
    explained_value: int
    best_bound: int
    total_value: int
    proved_by: str
    interrupted: bool = False

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
    on_improvement: Callable[[Result], None] | None = None,
) -> Result:
    """Solve ``problem`` to a proved gap.

    One or two pictures are enumerated exactly. For more, and for sheets, local search and a
    Lagrangian bound take turns: the bound rules out options, which makes the next search faster and
    its proof tighter; where few pictures fit, it keeps the token budget whole. Where few options
    are left, all their choices are looked at; elsewhere CP-SAT is built over them, if the gap is
    still too wide.

    Parameters
    ----------
    problem : Problem
        The data.
    limits : SearchLimits, optional
        When to stop.
    starts : sequence of Solution
        Feasible solutions that the result must not fall behind.
    on_improvement : callable, optional
        Called with the first result and with every better one, on the caller's thread.

    Returns
    -------
    Result
        The best solution with its true gap, also where the time is up or the user interrupts the
        search (Ctrl-C) once there is a first solution.

    Raises
    ------
    InfeasibleError
        No solution keeps all limits and rules.
    """
    limits = limits or SearchLimits()
    deadline = Deadline(limits.time_limit_s)
    whole = without_forbidden(problem)
    if whole is None:
        raise infeasible(problem)
    if whole.problem.image_limit <= ENUMERATED_IMAGES and not whole.problem.sheets:
        pair = best_pair(whole.problem, deadline)
        if pair.solution is None and pair.complete:
            raise infeasible(problem)
        if pair.solution is not None:
            others = () if pair.complete else starts
            best = best_of(problem, [whole.to_whole(pair.solution), *others])
            result = checked_result(problem, best, pair.bound, "enumeration")
            if on_improvement is not None:
                on_improvement(result)
            return result
    cells = make_cells(problem, whole, starts, limits, deadline)
    return _search(problem, cells, limits, deadline, on_improvement)


def _search(
    problem: Problem,
    cells: list[Cell],
    limits: SearchLimits,
    deadline: Deadline,
    listener: Callable[[Result], None] | None,
) -> Result:
    """Work on the cell that can still be best until the gap is proved or the time is up."""
    state = _State(problem, cells)
    if listener is not None:
        listener(state.result())
    try:
        while state.step(limits, deadline):
            if state.improved() and listener is not None:
                listener(state.result())
        if not state.interrupted and state.polished(deadline) and listener is not None:
            listener(state.result())
    except KeyboardInterrupt:
        state.gather()
        state.interrupted = True
    return state.result()


class _State:
    """The best solution and the bound over all cells; valid at any moment."""

    def __init__(self, problem: Problem, cells: list[Cell]) -> None:
        self._problem = problem
        self._cells = cells
        self._best = best_of(problem, [cell.part.to_whole(cell.search.best) for cell in cells])
        self._told = objective(problem, self._best)
        self._proved_by = "lagrangian bound"
        self.interrupted = False

    def step(self, limits: SearchLimits, deadline: Deadline) -> bool:
        """Work on the cell with the largest bound; return whether there is more to do."""
        target, goal = (
            objective(self._problem, self._best),
            least_miss(self._problem, self._best, limits),
        )
        cell = max(self._cells, key=lambda c: c.search.bound)
        # What CP-SAT may do does not hang on what the rest took: equal input gives equal plans.
        work_left_s = limits.time_limit_s - sum(other.work_s for other in self._cells)
        if cell.search.bound < goal or cell.finished or deadline.passed() or work_left_s <= 0:
            return False
        if not cell.search.exhausted:
            cell.search.round(target, goal)
        elif cell.polish():
            # What CP-SAT looks for must be better still.
            pass
        elif cell.refute(target, goal, replace(limits, time_limit_s=deadline.left_s), work_left_s):
            self._proved_by = "CP-SAT"
        self.gather()
        self.interrupted = cell.interrupted
        return not cell.interrupted

    def polished(self, deadline: Deadline) -> bool:
        """Polish the solution of each cell that may have a better one; return whether one has."""
        for cell in sorted(self._cells, key=lambda c: -c.search.bound):
            if cell.search.bound > objective(self._problem, self._best) and not deadline.passed():
                cell.polish()
                self.gather()
        return self.improved()

    def gather(self) -> None:
        """Take over the best solution of the cells."""
        found = [cell.part.to_whole(cell.search.best) for cell in self._cells]
        self._best = best_of(self._problem, [self._best, *found])

    def improved(self) -> bool:
        """Tell whether there is a better solution than the last time."""
        value = objective(self._problem, self._best)
        better = value > self._told
        self._told = value
        return better

    def result(self) -> Result:
        """Return the state as a result."""
        value = objective(self._problem, self._best)
        bound = max(value, *(cell.search.bound for cell in self._cells))
        result = checked_result(self._problem, self._best, bound, self._proved_by)
        return replace(result, interrupted=self.interrupted)


def least_miss(problem: Problem, best: Solution, limits: SearchLimits) -> int:
    """Return the least objective that would make ``best`` miss the gap limit."""
    prompt_value = problem.prompt_options[best.prompt].value
    explained = objective(problem, best) - prompt_value
    allowed = explained * limits.relative_gap_limit / (1.0 - limits.relative_gap_limit)
    return explained + prompt_value + int(allowed) + 1


def checked_result(problem: Problem, best: Solution, bound: int, proved_by: str) -> Result:
    """Return ``best`` and a bound on the objective as a result, once the validator passes it."""
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
