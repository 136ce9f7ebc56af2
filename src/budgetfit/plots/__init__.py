"""Pictures of plans, drawn by matplotlib: each function takes the Axes to draw in and returns it.

They need the extra ``report``; it is loaded when one of them is called.
"""

from budgetfit.plots.contact_sheet import contact_sheet
from budgetfit.plots.frontier import frontier
from budgetfit.plots.patch_grid import patch_grid
from budgetfit.plots.timeline import timeline
from budgetfit.plots.tokens import tokens

__all__ = ["contact_sheet", "frontier", "patch_grid", "timeline", "tokens"]
