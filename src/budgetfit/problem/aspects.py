"""What there is to see of a video, in shares between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Aspect"]

_FloatArray = npt.NDArray[np.float64]

# What the rounding of sums may add to a share.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Aspect:
    """One kind of thing to see, such as scenes or text, at some moments.

    A candidate at a level explains of a moment ``similarity * fidelity``, of all that there is to
    see ``weights`` times as much.

    Attributes
    ----------
    name : str
        What it is.
    similarity : (num_moments, num_candidates) float array
        Share of each moment that each candidate shows at full resolution, in [0, 1].
    fidelity : (num_candidates, num_levels) float array
        Share of each candidate that survives at each level, in [0, 1].
    weights : (num_moments,) float array
        Weight of each moment among all aspects' moments; not negative.
    tile_fidelity : (num_candidates, num_tiles) float array, optional
        Share of each candidate that survives as a tile of a sheet, by the kind of tile, in [0, 1].
    moments : (num_moments,) int array, optional
        The candidate that each moment is; by default the first is the first, and so on.

    Raises
    ------
    UsageError
        A shape does not fit or a share lies outside [0, 1].
    """

    name: str
    similarity: _FloatArray
    fidelity: _FloatArray
    weights: _FloatArray
    tile_fidelity: _FloatArray | None = None
    moments: npt.NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        expected = (self.weights.shape[0], self.fidelity.shape[0])
        if self.similarity.shape != expected:
            raise UsageError(
                f"similarity has shape {self.similarity.shape}; with {expected[0]} weights and "
                f"{expected[1]} candidates it must be {expected}"
            )
        for name in ("similarity", "fidelity", "weights", "tile_fidelity"):
            shares = getattr(self, name)
            if shares is not None and not ((shares >= 0) & (shares <= 1 + _ROUNDING)).all():
                raise UsageError(
                    f"{name} must lie in [0, 1]; it spans {shares.min()} to {shares.max()}"
                )

    def with_tiles(self, kinds: Sequence[int]) -> Aspect:
        """Return the aspect where tiles are only of these columns of ``tile_fidelity``."""
        if self.tile_fidelity is None or not kinds:
            return replace(self, tile_fidelity=None)
        return replace(self, tile_fidelity=self.tile_fidelity[:, list(kinds)])
