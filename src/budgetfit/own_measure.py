"""A measure of information that is its user's own, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError
from budgetfit.problem.aspects import Aspect

if TYPE_CHECKING:
    from PIL import Image

    from budgetfit.analysis import Analysis
    from budgetfit.video.sources import VideoSource

__all__ = ["Candidates", "Information", "Measure", "measured"]

_FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Information:
    """What pictures would show of a video's moments.

    Candidate i at size r shows ``similarity[t, i] * fidelity[i, r]`` of moment t, and of several
    pictures the best one counts. A plan maximizes the sum over moments, each times its weight.

    Attributes
    ----------
    similarity : (num_moments, num_candidates) array
        Share of each moment that each candidate shows at full size, in [0, 1].
    fidelity : (num_candidates, num_sizes) array
        Share of each candidate that is left at each size, in [0, 1].
    weights : (num_moments,) array
        How much each moment counts; not negative. Only their proportions matter.
    """

    similarity: npt.NDArray[np.floating]
    fidelity: npt.NDArray[np.floating]
    weights: npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The frames that may be sent, for a measure of one's own.

    Attributes
    ----------
    time_s : (num_candidates,) float array
        When each is shown, in seconds, rising.
    span_weights : (num_candidates,) float array
        Share of the video's time that each stands for, blank frames left out; sums to 1, or to 0.
    sizes : tuple of (int, int)
        Width and height in pixels at which each may be sent, cheapest first.
    images : callable
        ``images(width, height)`` decodes all candidates at that size, as PIL images.
    """

    time_s: _FloatArray
    span_weights: _FloatArray
    sizes: tuple[tuple[int, int], ...]
    images: Callable[[int, int], list[Image.Image]]


Measure = Callable[[Candidates], Information]


def measured(
    analysis: Analysis, measure: Measure, source: VideoSource, side_multiple: int
) -> Analysis:
    """Return ``analysis`` with the information that ``measure`` gives in place of our own.

    A tile of a sheet counts as a picture of its size.

    Raises
    ------
    UsageError
        ``measure`` gives no ``Information``, or one whose shapes or values cannot be used.
    """
    sizes = tuple(
        (level.columns * side_multiple, level.rows * side_multiple) for level in analysis.levels
    )

    def images(width: int, height: int) -> list[Image.Image]:
        return source.decode(list(analysis.pts), [(width, height)] * len(analysis.pts))

    span = np.zeros(len(analysis.pts))
    for aspect in analysis.aspects:
        span[slice(None) if aspect.moments is None else aspect.moments] += aspect.weights
    given = measure(Candidates(analysis.time_s, span, sizes, images))
    if not isinstance(given, Information):
        raise UsageError(
            f"information gave a {type(given).__name__}; it must give a budgetfit.Information"
        )
    return replace(analysis, aspects=(_aspect(given, len(analysis.pts), len(sizes)),))


def _aspect(given: Information, num_candidates: int, num_sizes: int) -> Aspect:
    similarity, fidelity, weights = (
        np.asarray(array, dtype=np.float64)
        for array in (given.similarity, given.fidelity, given.weights)
    )
    expected = (weights.shape[0] if weights.ndim == 1 else -1, num_candidates)
    if similarity.shape != expected or fidelity.shape != (num_candidates, num_sizes):
        raise UsageError(
            f"information has similarity of shape {similarity.shape}, fidelity of shape "
            f"{fidelity.shape} and weights of shape {weights.shape}; with {num_candidates} "
            f"candidates at {num_sizes} sizes they must be (n, {num_candidates}), "
            f"({num_candidates}, {num_sizes}) and (n,)"
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise UsageError("the weights of information must be numbers of at least 0")
    total = float(weights.sum())
    return Aspect(
        name="own",
        similarity=similarity,
        fidelity=fidelity,
        weights=weights / total if total > 0 else weights,
        tile_fidelity=fidelity,
    )
