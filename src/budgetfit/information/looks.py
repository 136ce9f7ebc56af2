"""What is kept of a frame once it was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.information.fidelity import spectrum
from budgetfit.information.similarity import descriptor, is_blank, thumbnail
from budgetfit.information.strokes import StrokeMap, stroke_maps

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from budgetfit.information.fidelity import Spectrum

__all__ = ["Look", "look_at"]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the information of a set of pictures is computed from.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the luma.
    thumbnail : (rows, columns) float array
        Luma, coarsely.
    descriptor : (num_cells, num_values) float array
        The scene, coarsely.
    is_blank : bool
        Whether there is nothing to be seen.
    spectrum : Spectrum
        How fine the scene's detail is.
    strokes : tuple of StrokeMap
        The text.
    """

    shape: tuple[int, int]
    thumbnail: npt.NDArray[np.float64]
    descriptor: npt.NDArray[np.float64]
    is_blank: bool
    spectrum: Spectrum
    strokes: tuple[StrokeMap, ...]


def look_at(luma: npt.NDArray[np.uint8], thumbnail_shape: tuple[int, int]) -> Look:
    """Look at ``luma``, (rows, columns) uint8; thumbnails have one shape for all of a video."""
    rows, columns = luma.shape
    small = thumbnail(luma, thumbnail_shape)
    return Look(
        shape=(rows, columns),
        thumbnail=small,
        descriptor=descriptor(small),
        is_blank=is_blank(luma, small),
        spectrum=spectrum(luma),
        strokes=stroke_maps(luma),
    )
