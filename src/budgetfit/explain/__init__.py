"""Why a plan is as it is, and what else there could be: what questions about plans answer with.

The questions are methods of :class:`budgetfit.Plan`. Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.explain.comparison import ComparedMoment as ComparedMoment
    from budgetfit.explain.comparison import ComparedNumber as ComparedNumber
    from budgetfit.explain.comparison import Comparison as Comparison
    from budgetfit.explain.curves import Frontier as Frontier
    from budgetfit.explain.curves import FrontierCurve as FrontierCurve
    from budgetfit.explain.curves import FrontierPoint as FrontierPoint
    from budgetfit.explain.explanation import Explanation as Explanation
    from budgetfit.explain.limits import ExplainedConstraint as ExplainedConstraint
    from budgetfit.explain.limits import ExplainedLimit as ExplainedLimit
    from budgetfit.explain.limits import MovedLimit as MovedLimit
    from budgetfit.explain.marks import FrontierMark as FrontierMark
    from budgetfit.explain.moments import ExplainedMoment as ExplainedMoment
    from budgetfit.explain.pictures import ExplainedFrame as ExplainedFrame
    from budgetfit.explain.pictures import ExplainedPicture as ExplainedPicture
    from budgetfit.explain.rival import Rival as Rival
    from budgetfit.explain.texts import CutText as CutText
    from budgetfit.explain.texts import WholeText as WholeText
    from budgetfit.explain.why_not import WhyNot as WhyNot

_HOMES = {
    "comparison": ("ComparedMoment", "ComparedNumber", "Comparison"),
    "curves": ("Frontier", "FrontierCurve", "FrontierPoint"),
    "explanation": ("Explanation",),
    "limits": ("ExplainedConstraint", "ExplainedLimit", "MovedLimit"),
    "marks": ("FrontierMark",),
    "moments": ("ExplainedMoment",),
    "pictures": ("ExplainedFrame", "ExplainedPicture"),
    "rival": ("Rival",),
    "texts": ("CutText", "WholeText"),
    "why_not": ("WhyNot",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  a list, made from one source


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
