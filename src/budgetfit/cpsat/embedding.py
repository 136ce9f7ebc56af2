"""A video's choice inside a CP-SAT model that is its user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from budgetfit.cpsat.constraints import Constraints, num_images, num_tokens
from budgetfit.cpsat.objective import explained_expression, objective_expression
from budgetfit.cpsat.search import solution_of
from budgetfit.cpsat.variables import Variables
from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["EmbeddedPlan", "add_plan"]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPlan:
    """The choice of one request inside a larger model.

    All expressions are 0 where the request is not present.

    Attributes
    ----------
    name : str
        What the names of its variables begin with.
    problem : Problem
        What may be chosen.
    present : IntVar or None
        Boolean: the request is made; None where it always is.
    variables : Variables
        Its own variables.
    num_tokens : linear expression
        Prompt tokens of the whole request, template and text included.
    num_images : linear expression
        Images sent.
    information : linear expression
        How much its pictures explain, in units of which the whole video has
        ``problem.total_value``. The model may count less than they do, never more: it counts all
        where more of it is worth more to the model.
    objective : linear expression
        ``information`` and what the chosen text is worth: what a plan on its own maximizes.
    """

    name: str
    problem: Problem
    present: cp_model.IntVar | None
    variables: Variables
    num_tokens: cp_model.LinearExpr
    num_images: cp_model.LinearExpr
    information: cp_model.LinearExpr
    objective: cp_model.LinearExpr

    def solution(self, solver: cp_model.CpSolver) -> Solution | None:
        """Return what ``solver`` has chosen; None where the request is not present."""
        if self.present is not None and not solver.value(self.present):
            return None
        return solution_of(solver, self.variables)


def add_plan(
    model: cp_model.CpModel,
    problem: Problem,
    *,
    name: str,
    present: cp_model.IntVar | bool = True,
) -> EmbeddedPlan:
    """Add the choice of one request to ``model``, which stays its user's: no objective is set.

    Any number can be added. Their size is what counts: a boolean for each picture that may be sent
    and one for each moment that it may explain, so that tens of requests want videos of about ten
    candidates (``budgetfit.analyze(video, num_candidates=9)``); for more, and for hundreds of
    requests, see :func:`budgetfit.cpsat.add_frontier`.

    Parameters
    ----------
    model : CpModel
        The model.
    problem : Problem
        ``budgetfit.pose(video, prompt, ...).problem``.
    name : str
        Begins the names of its variables.
    present : bool or IntVar
        Whether the request is made: always, or as the model decides: True, or a boolean variable
        of the model.

    Raises
    ------
    UsageError
        ``present`` is neither True nor a boolean variable.
    """
    literal = checked_presence(name, present)
    prefix = f"{name}."
    variables = Variables.create(model, problem, prefix)
    Constraints(model, problem, variables, literal, prefix).add_all()
    return EmbeddedPlan(
        name=name,
        problem=problem,
        present=literal,
        variables=variables,
        num_tokens=num_tokens(problem, variables),
        num_images=num_images(problem, variables),
        information=explained_expression(problem, variables),
        objective=objective_expression(problem, variables),
    )


def checked_presence(name: str, present: object) -> cp_model.IntVar | None:
    """Return the literal of a request's presence, None where it is always made.

    Raises
    ------
    UsageError
        ``present`` is neither True nor a boolean variable.
    """
    if present is True:
        return None
    if not isinstance(present, cp_model.IntVar) or not present.is_boolean:
        raise UsageError(
            f"present of {name!r} is {present!r}; "
            "it must be True or a boolean variable of the model"
        )
    return present
