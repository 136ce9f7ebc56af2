"""What every option is worth of every moment, from the arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from budgetfit.analysis import Analysis

__all__ = ["worth_of"]

FloatArray = npt.NDArray[np.float64]


def worth_of(analysis: Analysis) -> tuple[FloatArray, FloatArray]:
    """Return (num_moments, num_candidates, num_levels) shares, and the moments' weights."""
    shares = [a.similarity[:, :, None] * a.fidelity[None] for a in analysis.aspects]
    return np.concatenate(shares), np.concatenate([a.weights for a in analysis.aspects])
