"""What of a video counts how much, in its user's opinion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image

    from budgetfit.analysis import Analysis
    from budgetfit.video.sources import VideoSource

__all__ = ["Relevance", "checked_relevance", "weighed"]

RelevanceOfFrames = Callable[[Sequence["Image.Image"], str], Sequence[float]]
Relevance = RelevanceOfFrames | Sequence[tuple[float, float, float]]
"""A function of frames and the prompt, or (start_s, end_s, weight) of intervals."""

# Frames are shown to a function at the first size whose longer side has so many pixels: what image
# embedders look at.
_LONG_SIDE = 384

_FloatArray = npt.NDArray[np.float64]


def checked_relevance(relevance: object) -> Relevance | None:
    """Return ``relevance`` where it can be one.

    Raises
    ------
    UsageError
        It is neither a function nor intervals with weights.
    """
    if relevance is None or callable(relevance):
        return relevance
    if not isinstance(relevance, Sequence) or isinstance(relevance, str) or not relevance:
        raise UsageError(
            f"relevance is {relevance!r}; give a function of frames and the prompt, such as "
            "budgetfit.relevance.Embedder, or a list of (start_s, end_s, weight)"
        )
    for interval in relevance:
        try:
            start_s, end_s, weight = (float(number) for number in interval)
        except (TypeError, ValueError):
            raise UsageError(
                f"an interval of relevance is {interval!r}; it must be (start_s, end_s, weight)"
            ) from None
        if not (0 <= start_s <= end_s and 0 <= weight < np.inf):
            raise UsageError(
                f"an interval of relevance is {interval!r}; it must not begin before 0 or end "
                "before it begins, and its weight must not be negative"
            )
    return relevance


def weighed(
    analysis: Analysis, relevance: Relevance, source: VideoSource, prompt: str, side_multiple: int
) -> Analysis:
    """Return ``analysis`` with every moment's weight times its relevance, of sum 1 again.

    Parameters
    ----------
    analysis : Analysis
        Candidates and moments.
    relevance : callable or sequence of (float, float, float)
        Called with the candidates' frames and the prompt; or the weights of intervals in seconds,
        both ends included, the last one that a moment is in; 1 outside.
    source : VideoSource
        The open video.
    prompt : str
        The user's text.
    side_multiple : int
        Pixels of a cell of ``analysis.levels``.

    Raises
    ------
    UsageError
        The weights are not as many as frames, negative, or leave nothing that counts.
    """
    if callable(relevance):
        found = _by_frames(analysis, relevance, source, prompt, side_multiple)
    else:
        found = _by_intervals(analysis.time_s, relevance)
    weights = [
        aspect.weights * (found if aspect.moments is None else found[aspect.moments])
        for aspect in analysis.aspects
    ]
    before = sum(float(aspect.weights.sum()) for aspect in analysis.aspects)
    total = sum(float(of_one.sum()) for of_one in weights)
    if before > 0 and total == 0:
        raise UsageError(
            "relevance gives every moment that shows anything the weight 0; give some more"
        )
    scale = before / total if total > 0 else 0.0
    aspects = zip(analysis.aspects, weights, strict=True)
    return replace(
        analysis,
        aspects=tuple(replace(aspect, weights=scale * of_one) for aspect, of_one in aspects),
    )


def _by_intervals(
    time_s: _FloatArray, intervals: Sequence[tuple[float, float, float]]
) -> _FloatArray:
    weights = np.ones(len(time_s))
    for start_s, end_s, weight in intervals:
        weights[(time_s >= start_s) & (time_s <= end_s)] = weight
    return weights


def _by_frames(
    analysis: Analysis,
    relevance: RelevanceOfFrames,
    source: VideoSource,
    prompt: str,
    side_multiple: int,
) -> _FloatArray:
    sizes = [
        (level.columns * side_multiple, level.rows * side_multiple) for level in analysis.levels
    ]
    size = next((size for size in sizes if max(size) >= _LONG_SIDE), sizes[-1])
    images = source.decode(list(analysis.pts), [size] * len(analysis.pts))
    weights = np.asarray(relevance(images, prompt), dtype=np.float64)
    if weights.shape != (len(images),):
        raise UsageError(
            f"relevance gave weights of shape {weights.shape} for {len(images)} frames; "
            "it must give one a frame"
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise UsageError(
            f"relevance gave weights from {weights.min()} to {weights.max()}; they must be "
            "numbers of at least 0"
        )
    return weights
