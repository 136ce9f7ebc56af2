"""What a user may demand of a plan beside its limits: small objects for ``plan(constraints=...)``.

>>> from budgetfit.constraints import Exclude, MinSpacing
>>> [constraint.name for constraint in (Exclude(3, 8), MinSpacing(1.5))]
['no frame from 3 to 8 s', 'frames at least 1.5 s apart']

All demands hold together; the order and repetitions do not matter. Times are seconds from the
video's start, compared to the microsecond; intervals contain both ends; a frame is in an interval
where its own time, ``PlannedFrame.time_s``, is. Sizes are those of pictures as sent.

A value that no video could satisfy is refused when the object is made, one that this video cannot
satisfy when it is planned, both as ``UsageError``; demands that cannot be met together, or not
within the tokens, are an ``InfeasibleError``.
"""

from budgetfit.constraints.base import Choice, Constraint, constrain
from budgetfit.constraints.frames import AtLeast, AtMost, Exclude, MinSpacing, Show
from budgetfit.constraints.keep import Keep, KeptFrame
from budgetfit.constraints.sizes import MaxSize, MaxTokensPerImage, MinSize, SameSize

__all__ = [
    "AtLeast",
    "AtMost",
    "Choice",
    "Constraint",
    "Exclude",
    "Keep",
    "KeptFrame",
    "MaxSize",
    "MaxTokensPerImage",
    "MinSize",
    "MinSpacing",
    "SameSize",
    "Show",
    "constrain",
]
