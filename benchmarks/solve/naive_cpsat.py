"""The CP-SAT model that comes to mind first, at CP-SAT's default settings."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from benchmarks.solve.outcome import Outcome, judge
from ortools.sat.python import cp_model

from budgetfit.problem.solution import Solution

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem

__all__ = ["NUM_WORKERS", "solve_naively"]

NUM_WORKERS = 2


def solve_naively(problem: Problem, relative_gap_limit: float, time_limit_s: float) -> Outcome:
    """Solve with one boolean for each (moment, option) and an implication for each.

    Parameters
    ----------
    problem : Problem
        The data.
    relative_gap_limit : float
        Stop at this gap.
    time_limit_s : float
        Seconds for building the model and solving it together.
    """
    began = time.perf_counter()
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"x{option}") for option in range(problem.num_options)]
    prompt = [model.new_bool_var(f"z{index}") for index in range(len(problem.prompt_options))]
    _add_limits(model, problem, chosen, prompt)
    explained, worth = _add_explanations(model, problem, chosen)
    model.maximize(
        cp_model.LinearExpr.weighted_sum(explained, worth)
        + cp_model.LinearExpr.weighted_sum(prompt, [p.value for p in problem.prompt_options])
    )
    left_s = time_limit_s - (time.perf_counter() - began)
    if left_s <= 0:
        return judge(problem, None, None, time.perf_counter() - began)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = NUM_WORKERS
    solver.parameters.relative_gap_limit = relative_gap_limit
    solver.parameters.max_time_in_seconds = left_s
    status = solver.solve(model)
    solution, bound = None, None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        options = (o for o, variable in enumerate(chosen) if solver.boolean_value(variable))
        sent = next(p for p, variable in enumerate(prompt) if solver.boolean_value(variable))
        solution = Solution(tuple(options), sent)
        bound = math.floor(solver.best_objective_bound + 0.5)
    return judge(problem, solution, bound, time.perf_counter() - began)


def _add_limits(
    model: cp_model.CpModel,
    problem: Problem,
    chosen: list[cp_model.IntVar],
    prompt: list[cp_model.IntVar],
) -> None:
    model.add_exactly_one(prompt)
    model.add_at_least_one(chosen)
    starts = [*problem.candidate_starts.tolist(), problem.num_options]
    for candidate in range(problem.num_candidates):
        model.add_at_most_one(chosen[starts[candidate] : starts[candidate + 1]])
    model.add(
        cp_model.LinearExpr.weighted_sum(chosen, problem.option_num_tokens.tolist())
        + cp_model.LinearExpr.weighted_sum(prompt, [p.num_tokens for p in problem.prompt_options])
        <= problem.max_prompt_tokens
    )
    if problem.max_images is not None:
        model.add(sum(chosen) <= problem.max_images)


def _add_explanations(
    model: cp_model.CpModel, problem: Problem, chosen: list[cp_model.IntVar]
) -> tuple[list[cp_model.IntVar], list[int]]:
    """Add who explains which moment; return the booleans and what each is worth."""
    explained: list[cp_model.IntVar] = []
    worth: list[int] = []
    for moment, values in enumerate(problem.values.tolist()):
        by_option = []
        for option, value in enumerate(values):
            if value:
                variable = model.new_bool_var(f"y{moment},{option}")
                model.add_implication(variable, chosen[option])
                by_option.append(variable)
                worth.append(value)
        model.add_at_most_one(by_option)
        explained += by_option
    return explained, worth
