"""Scores of selections, and what many of them say together."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Cell", "Standing", "headroom_closed", "score", "standing", "with_hindsight"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """The scores of one clip within some limits.

    Attributes
    ----------
    clip : str
        File name.
    max_prompt_tokens : int
        Tokens of the whole request.
    max_images : int or None
        Pictures that it may have.
    scores : dict of str to float
        By the way of choosing; without those that cannot keep the limits.
    num_images : dict of str to int
        Pictures that each sends.
    best_bound : float or None
        Proved: no selection scores more. None where no ceiling was sought.
    """

    clip: str
    max_prompt_tokens: int
    max_images: int | None
    scores: dict[str, float]
    num_images: dict[str, int]
    best_bound: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A way of choosing beside a reference, over the cells where both fit.

    Attributes
    ----------
    num_cells : int
        Cells where both keep the limits.
    mean : float
        Mean score.
    difference : float
        Mean of the score less the reference's.
    worst, best : float
        Least and greatest of these differences.
    num_lost : int
        Cells where the score is less than the reference's.
    """

    num_cells: int
    mean: float
    difference: float
    worst: float
    best: float
    num_lost: int


def score(shares: FloatArray, weights: FloatArray) -> float:
    """Return the weighted mean over moments of the best picture's share.

    Parameters
    ----------
    shares : (num_moments, num_pictures) float array
        What each picture that is sent explains of each moment.
    weights : (num_moments,) float array
        Sums to 1.
    """
    return float(weights @ shares.max(axis=1))


def standing(cells: Sequence[Cell], name: str, reference: str) -> Standing | None:
    """Return how ``name`` stands beside ``reference``; None where both never fit."""
    both = [cell.scores for cell in cells if name in cell.scores and reference in cell.scores]
    if not both:
        return None
    differences = [scores[name] - scores[reference] for scores in both]
    return Standing(
        num_cells=len(both),
        mean=mean(scores[name] for scores in both),
        difference=mean(differences),
        worst=min(differences),
        best=max(differences),
        num_lost=sum(difference < 0 for difference in differences),
    )


def headroom_closed(cells: Sequence[Cell], name: str, reference: str, ceiling: str) -> float | None:
    """Return the share of the way from ``reference`` to ``ceiling`` that ``name`` goes.

    Summed over cells, so that cells without headroom do not count; negative where ``name`` falls
    behind. None where there is no headroom at all.
    """
    gained = sum(cell.scores[name] - cell.scores[reference] for cell in cells)
    possible = sum(cell.scores[ceiling] - cell.scores[reference] for cell in cells)
    return gained / possible if possible > 0 else None


def with_hindsight(
    scores: Mapping[int, float], num_images: Mapping[int, int]
) -> tuple[float, int] | None:
    """Return the best score over numbers of frames, and the pictures it sends; None without any."""
    if not scores:
        return None
    best = max(scores, key=lambda count: (scores[count], -count))
    return scores[best], num_images[best]
