"""Parts of a problem that are searched on their own: all of it, or one common level each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import InfeasibleError
from budgetfit.problem.restriction import Restriction, restrict
from budgetfit.search.coverage import best_of
from budgetfit.search.exchange import exchange
from budgetfit.search.first_solutions import first_solutions
from budgetfit.search.narrowing import Narrowing
from budgetfit.search.sheet_filling import frames_exchanged
from budgetfit.search.sheet_narrowing import SheetNarrowing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline
    from budgetfit.search_limits import SearchLimits

__all__ = ["ENUMERATED_IMAGES", "Cell", "infeasible", "make_cells", "without_forbidden"]

# Up to here exact enumeration of one or two pictures is faster than any proof.
ENUMERATED_IMAGES = 2

# CP-SAT first aims at this share of the gap, then at half of it, and so on down to its foot; where
# it cannot decide, half as far from the top, up to the greatest.
_FIRST_AMBITION = 0.8
_LEAST_AMBITION = 0.1
_MOST_AMBITION = 0.97

# What a call may take of the time that is left, where it is not the last one.
_CALL_SHARE = 0.3

# A model with so many (moment, option) pairs is solved at once.
_SMALL_MODEL = 10_000

# Whether there is a solution at all may take longer to find out than the caller's limit.
_FEASIBILITY_S = 10.0


@dataclass(slots=True, eq=False)
class Cell:
    """A part of the problem that is searched on its own: all of it, or one common level.

    Attributes
    ----------
    part : Restriction
        Its options in the whole problem.
    search : Narrowing or SheetNarrowing
        Its solution and bound, in its own options.
    finished : bool
        CP-SAT has run out of time on it.
    interrupted : bool
        The user stopped CP-SAT.
    ambition : float
        The share of the gap at which CP-SAT aims next.
    work_s : float
        CP-SAT's deterministic time so far.
    """

    part: Restriction
    search: Narrowing | SheetNarrowing
    finished: bool = False
    interrupted: bool = False
    ambition: float = _FIRST_AMBITION
    work_s: float = 0.0

    def refute(self, target: int, goal: int, limits: SearchLimits, work_limit_s: float) -> bool:
        """Let CP-SAT look for a solution in the upper part of the gap.

        The higher the aim, the fewer options can still reach it, and the smaller the model: so the
        gap is closed from above. Nothing found lowers the bound to below the aim, and the aim
        after it; a solution found raises the target, which rules out more options.

        Parameters
        ----------
        target : int
            Objective of the best solution known.
        goal : int
            The least objective that matters; nothing at or above it ends the search.
        limits : SearchLimits
            What is left of the time.
        work_limit_s : float
            What is left of CP-SAT's deterministic time.

        Returns
        -------
        bool
            Whether the bound was tightened.
        """
        from budgetfit.cpsat.search import search as search_cpsat

        if self.search.settled_above(goal):
            return False
        before = self.search.bound
        aim, left, share = goal, self.search.still_open(goal), 1.0
        if left is not None and left.problem.values.size > _SMALL_MODEL:
            aim, share = goal + int(self.ambition * (before - goal)), _CALL_SHARE
            left = self.search.still_open(aim)
        if left is None:
            self._lower(aim)
            return False
        outcome = search_cpsat(
            left.problem,
            min_images=self.search.min_images,
            lower_bound=aim,
            upper_bound=before,
            absolute_gap_limit=goal - 1 - target,
            time_limit_s=limits.time_limit_s,
            work_limit_s=share * work_limit_s,
            num_workers=limits.num_workers,
            first_only=True,
        )
        self.interrupted = outcome.interrupted
        self.work_s += outcome.work_s
        if outcome.infeasible:
            self._lower(aim)
        elif outcome.solution is not None:
            found = self.search.improved(left.to_whole(outcome.solution))
            self.search.best = best_of(self.part.problem, [self.search.best, found])
        else:
            self.search.bound = min(before, outcome.best_objective_bound)
            self.ambition = (1 + self.ambition) / 2
            self.finished = share == 1.0 or self.ambition > _MOST_AMBITION
        return self.search.bound < before

    def polish(self) -> bool:
        """Improve the best solution once more, whatever the gap; return whether it was new.

        Not where there are sheets: a choice in time order is made by a price on tokens, and a
        sheet's places have none of their own.
        """
        return isinstance(self.search, Narrowing) and self.search.polish()

    def _lower(self, aim: int) -> None:
        """Take note that nothing reaches ``aim``."""
        self.search.bound = min(self.search.bound, aim - 1)
        self.ambition = self.ambition / 2 if self.ambition > _LEAST_AMBITION else 0.0


def without_forbidden(problem: Problem) -> Restriction | None:
    """Leave out options that a rule forbids or that do not fit; None where none is left."""
    keep = problem.option_num_tokens <= problem.max_picture_tokens
    fitting = [s.tile for s in problem.sheets if s.num_tokens <= problem.max_picture_tokens]
    if problem.option_tile is not None:
        keep &= ~problem.is_tile | np.isin(problem.option_tile, fitting)
    for rule in problem.rules:
        if rule.maximum == 0:
            keep[list(rule.options)] = False
    return restrict(problem, keep) if keep.any() else None


def make_cells(
    problem: Problem,
    whole: Restriction,
    starts: Sequence[Solution],
    limits: SearchLimits,
    deadline: Deadline,
) -> list[Cell]:
    """Return the cells that have a solution.

    Whether there is one is found out even where the time is up.

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
        known = _known_solutions(part, starts, limits, deadline)
        if known:
            cells.append(Cell(part, _search(part.problem, known, deadline)))
    if not cells:
        raise infeasible(problem)
    return cells


def _search(
    problem: Problem, known: Sequence[Solution], deadline: Deadline
) -> Narrowing | SheetNarrowing:
    if problem.sheets:
        return SheetNarrowing(problem, known, deadline)
    # Where the time is up, the best of few images need not be known.
    min_images = 1 if deadline.passed() else ENUMERATED_IMAGES + 1
    return Narrowing(problem, known, min_images, deadline)


def _known_solutions(
    part: Restriction, starts: Sequence[Solution], limits: SearchLimits, deadline: Deadline
) -> list[Solution]:
    """Return feasible solutions of a cell: the best few, the greedy ones, the given ones."""
    problem = part.problem
    given = [part.from_whole(start) for start in starts]
    known = [solution for solution in given if solution is not None]
    known += first_solutions(problem, ENUMERATED_IMAGES, deadline)
    if known or not (problem.rules or problem.sheets):
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
    if problem.sheets:
        return [frames_exchanged(problem, outcome.solution)]
    return [exchange(problem, outcome.solution)]


def infeasible(problem: Problem) -> InfeasibleError:
    """Return the error that says what cannot hold together."""
    pictures = problem.option_num_tokens[~problem.is_tile].tolist()
    cheapest = min([*pictures, *(sheet.num_tokens for sheet in problem.sheets)])
    shortest = min(prompt.num_tokens for prompt in problem.prompt_options)
    if cheapest + shortest > problem.max_prompt_tokens:
        return InfeasibleError(
            f"the smallest picture ({cheapest} tokens) and the shortest prompt ({shortest} tokens) "
            f"need {cheapest + shortest} tokens, but only {problem.max_prompt_tokens} are there"
        )
    # One demand may be many rules, and a common level is none.
    demands = list(dict.fromkeys(rule.name for rule in problem.rules))
    if problem.option_level is not None:
        demands.append("one common resolution")
    return InfeasibleError(
        f"nothing keeps {problem.max_prompt_tokens} prompt tokens, {problem.image_limit} images "
        f"and these demands together: {'; '.join(demands)}"
    )
