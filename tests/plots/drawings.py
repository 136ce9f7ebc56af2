"""The drawings that are kept as pictures in ``baseline/``, and how each is made.

``PYTHONPATH=.:scripts python -m tests.plots.drawings`` draws them again; look at every one that
changed before it is committed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from budgetfit import plots
from tests.plots.cases import FRONTIERS, PLANS, moments_of, pictures_of

BASELINE = Path(__file__).parent / "baseline"
DPI = 60


def new_axes(width: float = 10.0, height: float = 4.0, *, face: str = "white") -> Axes:
    """Axes in the middle of a figure that pyplot does not know, sizes in inches."""
    figure = Figure(figsize=(width + 2, height + 2), dpi=DPI, facecolor=face)
    FigureCanvasAgg(figure)
    return figure.add_axes(
        (1 / (width + 2), 1 / (height + 2), width / (width + 2), height / (height + 2))
    )


def drawn(function: str, name: str, ax: Axes | None) -> Axes:
    """Draw a plan or a frontier of ``cases`` in ``ax``."""
    if function == "frontier":
        return plots.frontier(FRONTIERS[name](), ax=ax)
    plan = PLANS[name]()
    if function == "tokens":
        return plots.tokens(plan, ax=ax)
    images = pictures_of(plan)
    if function == "timeline":
        # What is explained changes with the measure; how it is drawn does not.
        module = sys.modules["budgetfit.plots.timeline"]
        measured = module.explained_moments
        module.explained_moments = moments_of  # type: ignore[attr-defined]
        try:
            return plots.timeline(plan, ax=ax, images=images)
        finally:
            module.explained_moments = measured  # type: ignore[attr-defined]
    return getattr(plots, function)(plan, ax=ax, images=images)  # type: ignore[no-any-return]


DRAWINGS: dict[str, Callable[[], Axes]] = {
    "timeline_few": lambda: drawn("timeline", "few", new_axes()),
    "timeline_many_dark": lambda: drawn("timeline", "many", new_axes(face="#16181c")),
    "timeline_sheets": lambda: drawn("timeline", "sheets", new_axes()),
    "tokens_few": lambda: drawn("tokens", "few", new_axes(10, 2.9)),
    "tokens_many_dark": lambda: drawn("tokens", "many", new_axes(10, 2.9, face="#16181c")),
    "tokens_sheets": lambda: drawn("tokens", "sheets", new_axes(8, 2.9)),
    "contact_sheet_few": lambda: drawn("contact_sheet", "few", new_axes(10, 5)),
    "contact_sheet_sheets": lambda: drawn("contact_sheet", "sheets", new_axes(8, 5)),
    "frontier_limits": lambda: drawn("frontier", "limits", new_axes(10, 4.5)),
    "frontier_alike_dark": lambda: drawn("frontier", "alike", new_axes(7, 4, face="#16181c")),
    "patch_grid_one": lambda: drawn("patch_grid", "one", new_axes(8, 4)),
    "patch_grid_sheets": lambda: drawn("patch_grid", "sheets", new_axes(8, 4)),
}


def save(name: str, folder: Path) -> Path:
    """Draw one with matplotlib's own settings and return its file."""
    path = folder / f"{name}.png"
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = DRAWINGS[name]().get_figure()
        assert figure is not None
        figure.savefig(path, dpi=DPI, metadata={"Software": None})  # type: ignore[union-attr]
    return path


if __name__ == "__main__":
    BASELINE.mkdir(exist_ok=True)
    for each in DRAWINGS:
        sys.stdout.write(f"{save(each, BASELINE)}\n")
