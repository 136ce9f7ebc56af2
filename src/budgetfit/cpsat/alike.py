"""Candidates that a problem's demands cannot tell apart: counting them is enough."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem

__all__ = ["PictureKind", "alike_candidates"]


class PictureKind(NamedTuple):
    """What demands see of a picture.

    Attributes
    ----------
    level : int
        Its level where all must have the same, else 0.
    rules : tuple of int
        For each of the problem's rules 1 where the picture counts, else 0.
    tile : int
        The kind of tile that it is, -1 for a picture of its own.
    num_tokens : int
        Tokens that it costs; none where it is a tile.
    """

    level: int
    rules: tuple[int, ...]
    tile: int
    num_tokens: int


def alike_candidates(problem: Problem) -> Counter[tuple[PictureKind, ...]]:
    """Return the kinds of picture a candidate can be, and how many candidates have just those.

    Of a candidate's options that differ only in their tokens, the cheapest stands for all: where
    another can be chosen, it can. Without rules, all candidates of a video are alike.
    """
    count = problem.num_options
    levels = [0] * count if problem.option_level is None else problem.option_level.tolist()
    rules = [tuple(row) for row in problem.rule_counts.T.tolist()]
    tiles = [-1] * count if problem.option_tile is None else problem.option_tile.tolist()
    kinds: list[dict[tuple[int, tuple[int, ...], int], int]]
    kinds = [{} for _ in range(problem.num_candidates)]
    for candidate, level, counts, tile, num_tokens in zip(
        problem.option_candidate.tolist(),
        levels,
        rules,
        tiles,
        problem.option_num_tokens.tolist(),
        strict=True,
    ):
        cheapest = kinds[candidate].get((level, counts, tile), num_tokens)
        kinds[candidate][level, counts, tile] = min(cheapest, num_tokens)
    return Counter(
        tuple(PictureKind(*key, num_tokens) for key, num_tokens in sorted(of_one.items()))
        for of_one in kinds
    )
