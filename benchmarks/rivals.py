"""What people send without a planner, judged by budgetfit's own measure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.problem.validator import evaluate
from budgetfit.search.uniform import uniform_solution
from budgetfit.tokens.images import ImageGrid, image_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from benchmarks.looking import Look

    from budgetfit.problem.problem import Problem
    from budgetfit.profiles import ModelProfile

__all__ = [
    "UNIFORM_COUNTS",
    "Rival",
    "first_two_small",
    "first_two_unscaled",
    "spread_small",
    "uniform",
]

UNIFORM_COUNTS = (1, 2, 4, 8, 16)

# 320x180 in patches of 16 pixels: the size that the users of Cosmos-Transfer1 settled on.
_SMALL = ImageGrid(columns=20, rows=12)


@dataclass(frozen=True, slots=True)
class Rival:
    """A way of choosing pictures and what came of it.

    Attributes
    ----------
    pictures : tuple of ImageGrid
        The pictures' sizes in patches.
    information : float
        Share of the video that they show, in [0, 1], as ``Plan.information``.
    num_tokens : int
        Prompt tokens of the whole request.
    fits : bool
        Whether the limits allow it; a request that is too long is refused.
    """

    pictures: tuple[ImageGrid, ...]
    information: float
    num_tokens: int
    fits: bool


def uniform(look: Look, problem: Problem, num_frames: int) -> Rival | None:
    """Return equal frames at equal distances, at the largest size that fits; None if none does."""
    solution = uniform_solution(problem, num_frames, look.analysis.evenly)
    if solution is None:
        return None
    levels = look.analysis.levels
    pictures = tuple(levels[option % len(levels)] for option in solution.options)
    worth = evaluate(problem, solution)
    # In the integers that plans are compared in, so that equal choices are equal to the last digit.
    information = worth.explained_value / problem.total_value if problem.total_value else 1.0
    return Rival(pictures, information, worth.num_tokens, fits=True)


def first_two_unscaled(look: Look, problem: Problem, profile: ModelProfile) -> Rival:
    """Return the first two frames of the file as they are: what Cosmos-Transfer1 sends."""
    grid = image_grid(look.width, look.height, profile)
    return _rival(look, problem, list(look.first_two.values()), grid)


def first_two_small(look: Look, problem: Problem) -> Rival:
    """Return the first two frames at about 320x180: the users' rule.

    Their fidelity is the first candidate's, which is the first frame.
    """
    level = _small_level(look)
    shares = [
        look.first_two[aspect.name] * aspect.fidelity[0, level] for aspect in look.analysis.aspects
    ]
    return _rival(look, problem, shares, look.analysis.levels[level])


def spread_small(look: Look, problem: Problem) -> Rival:
    """Return two frames at about 320x180 from the middles of the clip's halves."""
    last = len(look.analysis.evenly) - 1
    candidates = sorted({*look.analysis.evenly[[last // 4, 3 * last // 4]].tolist()})
    level = _small_level(look)
    shares = [
        aspect.similarity[:, candidates] * aspect.fidelity[candidates, level]
        for aspect in look.analysis.aspects
    ]
    return _rival(look, problem, shares, look.analysis.levels[level])


def _rival(
    look: Look, problem: Problem, shares: Sequence[npt.NDArray[np.float64]], grid: ImageGrid
) -> Rival:
    """Judge pictures beside the whole prompt; they show (num_moments, num_pictures) per aspect."""
    weights = np.concatenate([aspect.weights for aspect in look.analysis.aspects])
    best = np.concatenate([shown.max(axis=1) for shown in shares])
    information = float(weights @ best) if weights.any() else 1.0
    pictures = (grid,) * shares[0].shape[1]
    num_tokens = grid.num_tokens * len(pictures) + problem.prompt_options[0].num_tokens
    return Rival(pictures, information, num_tokens, num_tokens <= problem.max_prompt_tokens)


def _small_level(look: Look) -> int:
    """Return the level whose number of patches is nearest to that of 320x180."""
    wanted = _SMALL.columns * _SMALL.rows
    patches = [level.columns * level.rows for level in look.analysis.levels]
    return min(range(len(patches)), key=lambda level: abs(math.log(patches[level] / wanted)))
