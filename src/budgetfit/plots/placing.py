"""Pictures and lines at their places in Axes, without touching the limits of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from PIL import Image

__all__ = ["Box", "draw_line", "draw_picture", "draw_rectangle"]

Box = tuple[float, float, float, float]
"""Left, bottom, width and height in the units of the Axes."""


def draw_picture(ax: Axes, picture: Image.Image, box: Box, *, zorder: float = 2) -> None:
    """Draw ``picture`` in ``box``."""
    from matplotlib.image import BboxImage
    from matplotlib.transforms import Bbox, TransformedBbox

    place = TransformedBbox(Bbox.from_bounds(*box), ax.transData)
    image = BboxImage(place, interpolation="antialiased", zorder=zorder)
    image.set_data(np.asarray(picture.convert("RGB")))
    ax.add_artist(image)


def draw_rectangle(
    ax: Axes,
    box: Box,
    *,
    face: str = "none",
    edge: str = "none",
    linewidth: float = 0.0,
    zorder: float = 3,
) -> None:
    """Draw a rectangle, ``linewidth`` in points."""
    from matplotlib.patches import Rectangle

    left, bottom, width, height = box
    ax.add_artist(
        Rectangle(
            (left, bottom),
            width,
            height,
            facecolor=face,
            edgecolor=edge,
            linewidth=linewidth,
            zorder=zorder,
        )
    )


def draw_line(
    ax: Axes,
    points: Sequence[tuple[float, float]],
    color: str,
    *,
    linewidth: float = 0.9,
    zorder: float = 3,
) -> None:
    """Draw a line through ``points``, ``linewidth`` in points."""
    from matplotlib.lines import Line2D

    x, y = zip(*points, strict=True)
    ax.add_artist(
        Line2D(x, y, color=color, linewidth=linewidth, solid_joinstyle="round", zorder=zorder)
    )
