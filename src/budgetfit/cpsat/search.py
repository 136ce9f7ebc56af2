"""Building the model of a problem and running CP-SAT on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from budgetfit.cpsat.constraints import Constraints, num_images
from budgetfit.cpsat.objective import objective_expression
from budgetfit.cpsat.running import run
from budgetfit.cpsat.variables import Variables
from budgetfit.problem.solution import Solution

if TYPE_CHECKING:
    from ortools.sat.python.cp_model_helper import SatParameters

    from budgetfit.problem.problem import Problem

__all__ = ["CpSatOutcome", "build_model", "search", "set_parameters", "solution_of"]

# Deterministic time a second, measured on models of this kind: the deterministic limit strikes
# before the wall clock does on an ordinary machine, so that equal input gives equal plans.
_DETERMINISTIC_UNITS_PER_S = 0.6


@dataclass(frozen=True, slots=True)
class CpSatOutcome:
    """What CP-SAT found.

    Attributes
    ----------
    solution : Solution or None
        The best solution; None where none was found.
    best_objective_bound : int
        Proved upper bound on the objective.
    infeasible : bool
        It is proved that no solution exists.
    interrupted : bool
        The user stopped the search.
    work_s : float
        CP-SAT's deterministic time, in seconds of an ordinary machine.
    """

    solution: Solution | None
    best_objective_bound: int
    infeasible: bool
    interrupted: bool
    work_s: float = 0.0


def build_model(problem: Problem) -> tuple[cp_model.CpModel, Variables]:
    """Return the whole model of ``problem`` and its variables."""
    model = cp_model.CpModel()
    variables = Variables.create(model, problem)
    Constraints(model, problem, variables).add_all()
    model.maximize(objective_expression(problem, variables))
    return model, variables


def search(
    problem: Problem,
    *,
    lower_bound: int,
    upper_bound: int,
    absolute_gap_limit: int,
    time_limit_s: float,
    work_limit_s: float | None = None,
    min_images: int = 1,
    num_workers: int = 1,
    first_only: bool = False,
) -> CpSatOutcome:
    """Look for a solution worth at least ``lower_bound``, and for the best one.

    Parameters
    ----------
    problem : Problem
        The data.
    lower_bound : int
        Less is of no interest; ``infeasible`` then means that nothing reaches it.
    upper_bound : int
        A proved upper bound on the objective, which CP-SAT need not prove again.
    absolute_gap_limit : int
        Stop when the objective is proved within this of the optimum.
    time_limit_s : float
        Seconds of wall clock.
    work_limit_s : float, optional
        The same in deterministic time, as in ``CpSatOutcome.work_s``; ``time_limit_s`` by default.
        A caller who counts what is left of it gets equal answers for equal problems, however long
        the clock says that they took.
    min_images : int
        Only solutions with at least so many pictures are of interest.
    num_workers : int
        More than one gives up determinism.
    first_only : bool
        Any solution will do.
    """
    model, variables = build_model(problem)
    model.add_linear_constraint(objective_expression(problem, variables), lower_bound, upper_bound)
    if min_images > 1:
        model.add(num_images(problem, variables) >= min_images)
    solver = cp_model.CpSolver()
    set_parameters(solver.parameters, absolute_gap_limit, time_limit_s, num_workers)
    if num_workers == 1 and work_limit_s is not None:
        solver.parameters.max_deterministic_time = work_limit_s * _DETERMINISTIC_UNITS_PER_S
    solver.parameters.stop_after_first_solution = first_only
    status, interrupted = run(solver, model)
    work_s = solver.response_proto.deterministic_time / _DETERMINISTIC_UNITS_PER_S
    if status == cp_model.INFEASIBLE:
        return CpSatOutcome(None, upper_bound, True, interrupted, work_s)
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT rejects the model: {model.validate()}")
    bound = min(upper_bound, math.floor(solver.best_objective_bound + 0.5))
    if status == cp_model.UNKNOWN:
        # Stopped in presolve, it reports a placeholder of 0 instead of a bound.
        bound = bound if bound >= lower_bound else upper_bound
        return CpSatOutcome(None, bound, False, interrupted, work_s)
    return CpSatOutcome(solution_of(solver, variables), bound, False, interrupted, work_s)


def set_parameters(
    parameters: SatParameters,
    absolute_gap_limit: int,
    time_limit_s: float,
    num_workers: int,
) -> None:
    """Set what suits models of this kind, and when to stop."""
    parameters.max_time_in_seconds = time_limit_s
    parameters.absolute_gap_limit = float(absolute_gap_limit)
    parameters.num_workers = num_workers
    # The linear relaxation is nearly tight, so the search must live on it.
    parameters.linearization_level = 2
    # The model arrives reduced; what presolve still finds costs more than the search itself.
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    parameters.max_presolve_iterations = 1
    parameters.merge_at_most_one_work_limit = 0.0
    parameters.find_big_linear_overlap = False
    if num_workers == 1:
        parameters.max_deterministic_time = time_limit_s * _DETERMINISTIC_UNITS_PER_S
    else:
        parameters.subsolvers.extend(["max_lp", "reduced_costs"])


def solution_of(solver: cp_model.CpSolver, variables: Variables) -> Solution:
    """Return the solution that ``solver`` has."""
    options = tuple(
        option for option, variable in enumerate(variables.option) if solver.value(variable)
    )
    prompt = next(p for p, variable in enumerate(variables.prompt) if solver.value(variable))
    sheets = tuple(
        sheet
        for sheet, variable in enumerate(variables.sheet)
        for _ in range(solver.value(variable))
    )
    return Solution(options, prompt, sheets)
