"""From shares in [0, 1] to a problem in integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError
from budgetfit.problem.problem import Problem, PromptOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import Sheet

__all__ = ["VALUE_SCALE", "build_problem"]

# A moment of weight 1 that is fully explained is worth this much: rounding 512 moments down loses
# less than 1e-5 of the whole, a tenth of the gap that counts as optimal.
VALUE_SCALE = 10**8

_FloatArray = npt.NDArray[np.float64]


def build_problem(
    similarity: _FloatArray,
    fidelity: _FloatArray,
    weights: _FloatArray,
    level_num_tokens: npt.NDArray[np.int64],
    *,
    prompt_options: Sequence[PromptOption],
    max_prompt_tokens: int,
    max_images: int | None,
    sheets: Sequence[Sheet] = (),
    tile_fidelity: _FloatArray | None = None,
) -> Problem:
    """Build the problem whose values are ``weight * similarity * fidelity``.

    Parameters
    ----------
    similarity : (num_moments, num_candidates) float array
        Share of each moment that each candidate shows at full resolution, in [0, 1].
    fidelity : (num_candidates, num_levels) float array
        Share of each candidate that survives at each level, in [0, 1].
    weights : (num_moments,) float array
        Not negative; sums to 1, or to 0 where there is nothing to explain.
    level_num_tokens : (num_levels,) or (num_candidates, num_levels) int array
        Tokens of a picture; 0 where a candidate has no such level.
    prompt_options, max_prompt_tokens, max_images, sheets
        As in :class:`~budgetfit.problem.problem.Problem`.
    tile_fidelity : (num_candidates, num_tiles) float array, optional
        Share of each candidate that survives as a tile of each kind, in [0, 1]: needed where there
        are sheets. A candidate's options are its levels and then its tiles.

    Raises
    ------
    UsageError
        A shape does not fit or a share lies outside [0, 1].
    """
    tokens = np.broadcast_to(np.asarray(level_num_tokens, dtype=np.int64), fidelity.shape)
    tile = np.full(fidelity.shape, -1, dtype=np.int64)
    if tile_fidelity is not None:
        fidelity = np.concatenate([fidelity, tile_fidelity], axis=1)
        kinds = np.broadcast_to(np.arange(tile_fidelity.shape[1]), tile_fidelity.shape)
        tile = np.concatenate([tile, kinds], axis=1)
        tokens = np.concatenate([tokens, np.zeros_like(kinds)], axis=1)
    _check_shapes(similarity, fidelity, weights)
    for name, shares in (("similarity", similarity), ("fidelity", fidelity), ("weights", weights)):
        if not ((shares >= 0) & (shares <= 1 + 1e-9)).all():
            raise UsageError(
                f"{name} must lie in [0, 1]; it spans {shares.min()} to {shares.max()}"
            )
    ceilings = np.floor(weights * VALUE_SCALE).astype(np.int64)
    candidate, level = np.nonzero((tokens > 0) | (tile >= 0))
    shares = similarity[:, candidate] * fidelity[candidate, level]
    values = np.floor(ceilings[:, None] * np.minimum(shares, 1.0)).astype(np.int64)
    return Problem(
        values=values,
        option_candidate=candidate,
        option_num_tokens=tokens[candidate, level],
        prompt_options=tuple(prompt_options),
        max_prompt_tokens=max_prompt_tokens,
        max_images=max_images,
        total_value=int(ceilings.sum()),
        sheets=tuple(sheets),
        option_tile=None if tile_fidelity is None else tile[candidate, level],
    )


def _check_shapes(similarity: _FloatArray, fidelity: _FloatArray, weights: _FloatArray) -> None:
    expected = (weights.shape[0], fidelity.shape[0])
    if similarity.shape != expected:
        raise UsageError(
            f"similarity has shape {similarity.shape}; with {expected[0]} weights and "
            f"{expected[1]} candidates it must be {expected}"
        )
