"""Dynamic programming over tokens: exact, for what fits a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.fleet.choices import IntArray

__all__ = ["best_by_tokens"]


def best_by_tokens(jobs: Sequence[tuple[IntArray, IntArray]], room: int) -> list[int]:
    """Return the point of each job that together are worth most within ``room`` tokens.

    Parameters
    ----------
    jobs : sequence of (int64 array, int64 array)
        Tokens and values of each job's points.
    room : int
        Tokens of all; at least what the cheapest points cost.
    """
    least = [int(tokens.min()) for tokens, _ in jobs]
    span = sum(int(tokens.max()) - low for (tokens, _), low in zip(jobs, least, strict=True))
    spare = min(room - sum(least), span)
    # The most that the jobs so far are worth, by the tokens that they may have beyond the least.
    best = np.zeros(spare + 1, dtype=np.int64)
    chosen = []
    for (tokens, values), low in zip(jobs, least, strict=True):
        grown = np.full(spare + 1, -1, dtype=np.int64)
        point = np.zeros(spare + 1, dtype=np.min_scalar_type(len(tokens)))
        for index, (extra, value) in enumerate(
            zip((tokens - low).tolist(), values.tolist(), strict=True)
        ):
            if extra > spare:
                continue
            through = best[: spare + 1 - extra] + value
            better = through > grown[extra:]
            grown[extra:][better] = through[better]
            point[extra:][better] = index
        best = grown
        chosen.append(point)
    found = []
    for (tokens, _), low, point in zip(
        reversed(jobs), reversed(least), reversed(chosen), strict=True
    ):
        index = int(point[spare])
        found.append(index)
        spare -= int(tokens[index]) - low
    return found[::-1]
