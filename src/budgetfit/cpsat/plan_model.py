"""The model as its user sees it: what ``plan(customize=...)`` hands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from budgetfit.constraints import Choice

__all__ = ["Customize", "PlanModel"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanModel:
    """The CP-SAT model of a plan, open to constraints of the user's own.

    Attributes
    ----------
    model : CpModel
        The limits and demands that every plan keeps. Which picture explains what is added for each
        search, over the options that can still matter, as is the objective.
    option : list of IntVar
        (num_options,) booleans: the option's picture is sent.
    prompt : list of IntVar
        (num_prompts,) booleans: this length of the text is sent.
    sheet : list of IntVar
        (num_sheets,) integers: how many of each kind of sheet are sent; empty where none may be.
    explained : list of IntVar
        (num_moments,) how much of each moment the pictures explain, in units of which the whole
        video has ``total_information``; there is a moment for each candidate frame. May be demanded
        to be at least something; what is at most is met by not counting all that is explained.
    choice : Choice
        What each option is, in the order of ``option``: ``candidate``, ``width``, ``height`` and
        ``num_tokens`` of its picture; and ``time_s`` of each candidate.
    num_tokens : linear expression
        Prompt tokens of the whole request.
    num_images : linear expression
        Pictures sent.
    information : linear expression
        Sum of ``explained``.
    total_information : int
        See above.
    objective : linear expression
        What the planner maximizes: ``information`` plus what the chosen text is worth.
    """

    model: cp_model.CpModel
    option: list[cp_model.IntVar]
    prompt: list[cp_model.IntVar]
    sheet: list[cp_model.IntVar]
    explained: list[cp_model.IntVar]
    choice: Choice
    num_tokens: cp_model.LinearExpr
    num_images: cp_model.LinearExprT
    information: cp_model.LinearExpr
    total_information: int
    objective: cp_model.LinearExpr


Customize = Callable[[PlanModel], object]
