"""Every way of choosing before the judges, clip by clip and limits by limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from benchmarks.information.ceiling import ceiling
from benchmarks.information.choices import look_at, selections
from benchmarks.information.deep_features import Strictness
from benchmarks.information.limits import IMAGE_LIMITS, ROOMS, Limits
from benchmarks.information.pictures import distinct, picture_at
from benchmarks.information.scores import Cell, score, with_hindsight

from budgetfit.tokens.images import image_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from benchmarks.information.choices import Selections
    from benchmarks.information.judging import JudgedClip
    from benchmarks.information.pictures import Picture

__all__ = ["BEST_UNIFORM", "CEILING", "HINDSIGHT", "OURS", "Judged", "judge"]

OURS = "budgetfit"
CEILING = "ceiling"
HINDSIGHT = ", best number"
"""After a rule's name: the number of frames that the judge scores highest."""

BEST_UNIFORM = f"uniform{HINDSIGHT}"

# What the ceiling may choose beside what others chose: so many frames spread over the clip, at
# every second level from the largest one. More of both would take twice the time to judge.
_CEILING_CANDIDATES = 33
_CEILING_LEVELS = slice(None, None, -2)


@dataclass(frozen=True, slots=True)
class Judged:
    """A clip and what the judges say.

    Attributes
    ----------
    clip : str
        File name.
    seen : dict of Strictness to list of Cell
        By deep features, one per limits.
    read : list of Cell
        By text; empty where the clip has none.
    information : list of float
        What budgetfit's own measure says of its plans, in the same order.
    num_blank : int
        Moments without weight.
    """

    clip: str
    seen: dict[Strictness, list[Cell]]
    read: list[Cell]
    information: list[float]
    num_blank: int


def judge(clip: JudgedClip, *, quick: bool = False) -> Judged | None:
    """Judge all ways of choosing; None where all moments are blank.

    ``quick`` leaves out all limits but the tightest and the loosest.
    """
    if not clip.weights.any():
        return None
    every = [Limits(*limits) for limits in product(ROOMS, IMAGE_LIMITS)]
    choices = look_at(clip)
    found = [
        selections(clip, choices, limits) for limits in ([every[0], every[-1]] if quick else every)
    ]
    return Judged(
        clip=clip.footage.path.name,
        seen={strictness: _seen(clip, found, strictness) for strictness in Strictness},
        read=_read(clip, found),
        information=[one.information for one in found],
        num_blank=int((clip.weights == 0).sum()),
    )


def _seen(clip: JudgedClip, found: Sequence[Selections], strictness: Strictness) -> list[Cell]:
    """Return one cell per limits by deep features, with the ceiling."""
    sent = [selection for one in found for selection in one.all()]
    pictures = distinct([_offered(clip), *sent])
    shares = clip.explained(pictures, strictness)
    num_tokens = [image_grid(p.width, p.height, clip.profile).num_tokens for p in pictures]
    cells = []
    for one in found:
        cell = _cell(clip, one, pictures, shares, clip.weights)
        best = ceiling(pictures, num_tokens, shares, clip.weights, one.limits, one.all())
        cell.scores[CEILING] = best.score
        cell.num_images[CEILING] = len(best.pictures)
        cells.append(replace(cell, best_bound=best.best_bound))
    return cells


def _read(clip: JudgedClip, found: Sequence[Selections]) -> list[Cell]:
    """Return one cell per limits by text; none where most moments have no text."""
    weights = clip.text_weights()
    if (weights > 0).mean() < 0.5:
        return []
    pictures = distinct([selection for one in found for selection in one.all()])
    shares = clip.read_shares(pictures)
    return [_cell(clip, one, pictures, shares, weights) for one in found]


def _offered(clip: JudgedClip) -> list[Picture]:
    """Return what the ceiling may choose beside what others chose."""
    pts = clip.footage.candidate_pts(_CEILING_CANDIDATES)
    levels = clip.levels[_CEILING_LEVELS]
    return [picture_at(one_pts, level, clip.profile) for one_pts in pts for level in levels]


def _cell(
    clip: JudgedClip,
    one: Selections,
    pictures: Sequence[Picture],
    shares: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
) -> Cell:
    """Score every selection; ``shares`` is (num_moments, num_pictures)."""
    index_of = {picture: index for index, picture in enumerate(pictures)}

    def scored(selection: Sequence[Picture]) -> float:
        return score(shares[:, [index_of[picture] for picture in selection]], weights)

    scores = {OURS: scored(one.ours)}
    num_images = {OURS: len(one.ours)}
    for name, selection in one.single.items():
        if selection is not None:
            scores[name], num_images[name] = scored(selection), len(selection)
    for rule, by_count in one.by_count.items():
        counted = {count: scored(selection) for count, selection in by_count.items()}
        sizes = {count: len(selection) for count, selection in by_count.items()}
        best = with_hindsight(counted, sizes)
        if best is not None:
            scores[f"{rule}{HINDSIGHT}"], num_images[f"{rule}{HINDSIGHT}"] = best
        scores |= {f"{rule} {count}": value for count, value in counted.items()}
        num_images |= {f"{rule} {count}": size for count, size in sizes.items()}
    limits = one.limits
    return Cell(
        clip.footage.path.name, limits.max_prompt_tokens, limits.max_images, scores, num_images
    )
