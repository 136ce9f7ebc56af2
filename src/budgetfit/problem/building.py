"""From shares in [0, 1] to a problem in integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError
from budgetfit.problem.problem import Problem, PromptOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.aspects import Aspect
    from budgetfit.problem.problem import IntArray, Sheet

__all__ = ["VALUE_SCALE", "build_problem"]

# A moment of weight 1 that is fully explained is worth this much: rounding 512 moments down loses
# less than 1e-5 of the whole, a tenth of the gap that counts as optimal.
VALUE_SCALE = 10**8

_FloatArray = npt.NDArray[np.float64]


def build_problem(
    aspects: Sequence[Aspect],
    level_num_tokens: npt.NDArray[np.int64],
    *,
    prompt_options: Sequence[PromptOption],
    max_prompt_tokens: int,
    max_images: int | None,
    sheets: Sequence[Sheet] = (),
) -> Problem:
    """Build the problem whose values are ``weight * similarity * fidelity``, aspect by aspect.

    Parameters
    ----------
    aspects : sequence of Aspect
        What there is to see, at least one; weights of all sum to 1, or to 0 where there is nothing.
        Their moments become the problem's, one aspect after the other. With ``tile_fidelity``, a
        candidate's options are its levels and then its tiles: needed where there are sheets.
    level_num_tokens : (num_levels,) or (num_candidates, num_levels) int array
        Tokens of a picture; 0 where a candidate has no such level.
    prompt_options, max_prompt_tokens, max_images, sheets
        As in :class:`~budgetfit.problem.problem.Problem`.

    Raises
    ------
    UsageError
        Aspects do not have the same candidates, levels or tiles.
    """
    _check_shapes(aspects)
    shape, tile_fidelity = aspects[0].fidelity.shape, aspects[0].tile_fidelity
    tokens = np.broadcast_to(np.asarray(level_num_tokens, dtype=np.int64), shape)
    tile = np.full(shape, -1, dtype=np.int64)
    if tile_fidelity is not None:
        kinds = np.broadcast_to(np.arange(tile_fidelity.shape[1]), tile_fidelity.shape)
        tile = np.concatenate([tile, kinds], axis=1)
        tokens = np.concatenate([tokens, np.zeros_like(kinds)], axis=1)
    candidate, column = np.nonzero((tokens > 0) | (tile >= 0))
    ceilings = [np.floor(aspect.weights * VALUE_SCALE).astype(np.int64) for aspect in aspects]
    return Problem(
        values=np.concatenate(
            [
                _values(aspect, ceiling, candidate, column)
                for aspect, ceiling in zip(aspects, ceilings, strict=True)
            ]
        ),
        option_candidate=candidate,
        option_num_tokens=tokens[candidate, column],
        prompt_options=tuple(prompt_options),
        max_prompt_tokens=max_prompt_tokens,
        max_images=max_images,
        total_value=sum(int(ceiling.sum()) for ceiling in ceilings),
        sheets=tuple(sheets),
        option_tile=None if tile_fidelity is None else tile[candidate, column],
    )


def _values(
    aspect: Aspect,
    ceilings: IntArray,
    candidate: npt.NDArray[np.intp],
    column: npt.NDArray[np.intp],
) -> IntArray:
    """Return (num_moments, num_options); tiles are the columns behind the levels."""
    fidelity = aspect.fidelity
    if aspect.tile_fidelity is not None:
        fidelity = np.concatenate([fidelity, aspect.tile_fidelity], axis=1)
    shares = aspect.similarity[:, candidate] * fidelity[candidate, column]
    values: IntArray = np.floor(ceilings[:, None] * np.minimum(shares, 1.0)).astype(np.int64)
    return values


def _check_shapes(aspects: Sequence[Aspect]) -> None:
    expected = _shapes(aspects[0])
    for aspect in aspects[1:]:
        if _shapes(aspect) != expected:
            raise UsageError(
                f"fidelity and tile_fidelity have shapes {_shapes(aspect)} for {aspect.name} and "
                f"{expected} for {aspects[0].name}; all aspects need the same options"
            )


def _shapes(aspect: Aspect) -> tuple[tuple[int, ...], ...]:
    tiles = () if aspect.tile_fidelity is None else (aspect.tile_fidelity.shape,)
    return (aspect.fidelity.shape, *tiles)
