"""The CP-SAT model of a problem: the only users of OR-Tools.

Public are ``add_plan`` and ``add_frontier``, which put a video's choice into a model of one's own,
and :class:`budgetfit.cpsat.plan_model.PlanModel`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.cpsat.embedding import EmbeddedPlan as EmbeddedPlan
    from budgetfit.cpsat.embedding import add_plan as add_plan
    from budgetfit.cpsat.frontier_choice import FRONTIER_UNIT as FRONTIER_UNIT
    from budgetfit.cpsat.frontier_choice import EmbeddedFrontier as EmbeddedFrontier
    from budgetfit.cpsat.frontier_choice import add_frontier as add_frontier

_HOME_OF = {
    "FRONTIER_UNIT": "frontier_choice",
    "EmbeddedFrontier": "frontier_choice",
    "EmbeddedPlan": "embedding",
    "add_frontier": "frontier_choice",
    "add_plan": "embedding",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  a list, made from one source


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
