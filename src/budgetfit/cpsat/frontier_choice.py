"""A point of a video's frontier, chosen inside a CP-SAT model that is its user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ortools.sat.python import cp_model

from budgetfit.cpsat.embedding import checked_presence
from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FRONTIER_UNIT", "EmbeddedFrontier", "add_frontier"]

FRONTIER_UNIT = 10**8
"""Information of a whole video in the expressions of :class:`EmbeddedFrontier`."""


class PlanLike(Protocol):
    """What a plan costs and is good for."""

    @property
    def num_tokens(self) -> int:
        """Prompt tokens of the whole request."""
        ...

    @property
    def pictures(self) -> Sequence[object]:
        """Images sent."""
        ...

    @property
    def information(self) -> float:
        """Share of the video that they show."""
        ...


_PlanT = TypeVar("_PlanT", bound=PlanLike)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedFrontier(Generic[_PlanT]):
    """The choice among plans of one request inside a larger model.

    All expressions are 0 where the request is not present.

    Attributes
    ----------
    name : str
        What the names of its variables begin with.
    plans : tuple of Plan
        What may be chosen.
    present : IntVar or None
        Boolean: the request is made; None where it always is.
    chosen : list of IntVar
        A boolean a plan.
    num_tokens, num_images : linear expression
        Prompt tokens and images of the chosen plan.
    information : linear expression
        Its information, in units of which the whole video has ``FRONTIER_UNIT``.
    """

    name: str
    plans: tuple[_PlanT, ...]
    present: cp_model.IntVar | None
    chosen: list[cp_model.IntVar]
    num_tokens: cp_model.LinearExpr
    num_images: cp_model.LinearExpr
    information: cp_model.LinearExpr

    def plan(self, solver: cp_model.CpSolver) -> _PlanT | None:
        """Return the plan that ``solver`` has chosen; None where the request is not present."""
        for plan, variable in zip(self.plans, self.chosen, strict=True):
            if solver.value(variable):
                return plan
        return None


def add_frontier(
    model: cp_model.CpModel,
    plans: Sequence[_PlanT],
    *,
    name: str,
    present: cp_model.IntVar | bool = True,
) -> EmbeddedFrontier[_PlanT]:
    """Add the choice of one of ``plans`` to ``model``, which stays its user's.

    Each plan is a boolean, so that hundreds of requests fit one model.

    Parameters
    ----------
    model : CpModel
        The model.
    plans : sequence of Plan
        Plans of one request, such as those of ``plan.frontier()``: ``[point.plan for curve in
        frontier.curves for point in curve.points]``.
    name : str
        Begins the names of its variables.
    present : bool or IntVar
        Whether the request is made: always, or as the model decides: True, or a boolean variable
        of the model.

    Raises
    ------
    UsageError
        There are no plans, or ``present`` is neither True nor a boolean variable.
    """
    if not plans:
        raise UsageError(f"there are no plans for {name!r}; give at least one")
    literal = checked_presence(name, present)
    chosen = [model.new_bool_var(f"{name}.plan[{index}]") for index in range(len(plans))]
    model.add_exactly_one(chosen if literal is None else [~literal, *chosen])
    information = [round(plan.information * FRONTIER_UNIT) for plan in plans]
    return EmbeddedFrontier(
        name=name,
        plans=tuple(plans),
        present=literal,
        chosen=chosen,
        num_tokens=cp_model.LinearExpr.weighted_sum(chosen, [plan.num_tokens for plan in plans]),
        num_images=cp_model.LinearExpr.weighted_sum(chosen, [len(plan.pictures) for plan in plans]),
        information=cp_model.LinearExpr.weighted_sum(chosen, information),
    )
