"""The most that a judge can give within limits: its own values, maximized by our solver."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from benchmarks.information.limits import PROMPT_NUM_TOKENS

from budgetfit.problem.building import VALUE_SCALE
from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import violations
from budgetfit.solver import SearchLimits, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.information.limits import Limits
    from benchmarks.information.pictures import Picture

__all__ = ["Ceiling", "ceiling"]

_TIME_LIMIT_S = 2.0

FloatArray = npt.NDArray[np.float64]


class Ceiling(NamedTuple):
    """The best selection that was found for a judge.

    Attributes
    ----------
    score : float
        Its score.
    best_bound : float
        Proved: no selection of the pictures offered scores more.
    pictures : tuple of Picture
        The selection.
    """

    score: float
    best_bound: float
    pictures: tuple[Picture, ...]


def ceiling(
    pictures: Sequence[Picture],
    num_tokens: Sequence[int],
    shares: FloatArray,
    weights: FloatArray,
    limits: Limits,
    starts: Sequence[Sequence[Picture]],
) -> Ceiling:
    """Choose among ``pictures`` what a judge scores highest.

    Parameters
    ----------
    pictures : sequence of Picture
        What may be sent, rising; a frame at one size at most is chosen.
    num_tokens : sequence of int
        What each costs.
    shares : (num_moments, num_pictures) float array
        What each explains of each moment.
    weights : (num_moments,) float array
        Weights of the moments.
    limits : Limits
        What the request may have.
    starts : sequence of sequence of Picture
        Selections that the ceiling must not fall below; those that break the limits are left out.
    """
    frame = [index for index, group in enumerate(_frames(pictures)) for _ in group]
    whole = np.floor(weights * VALUE_SCALE).astype(np.int64)
    problem = Problem(
        values=np.floor(whole[:, None] * np.clip(shares, 0.0, 1.0)).astype(np.int64),
        option_candidate=np.array(frame),
        option_num_tokens=np.array(num_tokens),
        prompt_options=(PromptOption(PROMPT_NUM_TOKENS),),
        max_prompt_tokens=limits.max_prompt_tokens,
        max_images=limits.max_images,
        total_value=int(whole.sum()),
    )
    index_of = {picture: index for index, picture in enumerate(pictures)}
    offered = [Solution(tuple(index_of[picture] for picture in start)) for start in starts]
    kept = tuple(solution for solution in offered if not violations(problem, solution))
    result = solve(problem, SearchLimits(time_limit_s=_TIME_LIMIT_S), starts=kept)
    return Ceiling(
        score=result.information,
        best_bound=result.best_information,
        pictures=tuple(pictures[option] for option in result.solution.options),
    )


def _frames(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Group pictures of the same frame."""
    return [list(group) for _, group in groupby(pictures, key=lambda picture: picture.pts)]
