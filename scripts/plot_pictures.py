"""Draw docs/images/plots/: every plot of a plan, for docs/plots.md."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import pyplot
from PIL import Image

import budgetfit
from budgetfit import plots
from sample_clips import package_clips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TARGET = Path(__file__).parents[1] / "docs" / "images" / "plots"
CLIP = "bikes"
PROMPT = "Describe what happens."
DPI = 100
PHOTOS = {"contact_sheet", "patch_grid", "patch_grid_sheet"}
MAX_BYTES = 150_000


def drawings(path: Path) -> Iterator[tuple[str, Axes]]:
    """Yield the name of each picture and what is drawn."""
    plan = budgetfit.plan(path, PROMPT, time_labels=True)
    images = plan.images()
    yield "timeline", plots.timeline(plan, images=images)
    yield "tokens", plots.tokens(plan)
    yield "contact_sheet", plots.contact_sheet(plan, images=images)
    yield "frontier", plots.frontier(plan.frontier(num_points=16, max_images=[1, 2, 8, None]))
    few = budgetfit.plan(path, PROMPT, max_images=6, end_s=4.0)
    images = few.images()
    yield "patch_grid", plots.patch_grid(few, images=images)
    yield "timeline_dark", plots.timeline(few, images=images, style="dark")
    sheets = budgetfit.plan(
        path, PROMPT, profile="cosmos-transfer1", montage=True, time_labels=True
    )
    yield "patch_grid_sheet", plots.patch_grid(sheets)
    plan = budgetfit.plan(path, PROMPT, max_images=4)
    _, (above, below) = pyplot.subplots(
        2, figsize=(10, 6.5), height_ratios=(4, 3), layout="constrained"
    )
    plots.timeline(plan, ax=above)
    yield "own_axes", plots.tokens(plan, ax=below)


def save(figure: Figure, path: Path) -> None:
    """Write ``figure`` in few bytes."""
    written = io.BytesIO()
    figure.savefig(written, dpi=DPI)
    image = Image.open(written).convert("RGB")
    if path.suffix == ".jpg":
        image.save(path, quality=82, subsampling=0, optimize=True)
    else:
        image.quantize(256, kmeans=3).save(path, optimize=True)


def main() -> None:
    """Write the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    mpl.rcdefaults()
    for name, ax in drawings(package_clips()[CLIP]):
        figure = ax.get_figure(root=True)
        if figure is None:
            sys.exit(f"{name} is in no figure")
        path = TARGET / f"{name}.{'jpg' if name in PHOTOS else 'png'}"
        save(figure, path)
        pyplot.close(figure)
        num_bytes = path.stat().st_size
        sys.stdout.write(f"{path}: {num_bytes} bytes\n")
        if num_bytes > MAX_BYTES:
            sys.exit(f"{num_bytes} bytes are more than {MAX_BYTES}; lower DPI")


if __name__ == "__main__":
    main()
