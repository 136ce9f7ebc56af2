"""The objective of the CP-SAT model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from budgetfit.cpsat.variables import Variables
    from budgetfit.problem.problem import Problem

__all__ = ["explained_expression", "objective_expression"]


def explained_expression(problem: Problem, variables: Variables) -> cp_model.LinearExpr:
    """Return explained value."""
    return cp_model.LinearExpr.weighted_sum(
        [variable for _, _, variable in variables.explained],
        [int(problem.values[moment, option]) for moment, option, _ in variables.explained],
    )


def objective_expression(problem: Problem, variables: Variables) -> cp_model.LinearExpr:
    """Return explained value plus the value of the chosen prompt option."""
    prompt = cp_model.LinearExpr.weighted_sum(
        variables.prompt, [prompt.value for prompt in problem.prompt_options]
    )
    return explained_expression(problem, variables) + prompt
