"""The images that a solution sends: which options are on which."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["SentImage", "images_of"]


class SentImage(NamedTuple):
    """An image and what is on it.

    Attributes
    ----------
    options : tuple of int
        Its options, rising: the tiles of a sheet, or one picture.
    sheet : int or None
        Index into ``Problem.sheets``; None for a picture.
    """

    options: tuple[int, ...]
    sheet: int | None


def images_of(problem: Problem, solution: Solution) -> list[SentImage]:
    """Return the images of ``solution`` in the order of their first options.

    Sheets of equal tiles take the tiles in order, so that none begins before another ends.
    """
    images = []
    waiting: dict[int, list[int]] = {}
    for option in solution.options:
        tile = -1 if problem.option_tile is None else int(problem.option_tile[option])
        if tile < 0:
            images.append(SentImage((option,), None))
        else:
            waiting.setdefault(tile, []).append(option)
    for index in solution.sheets:
        sheet = problem.sheets[index]
        options = waiting[sheet.tile]
        images.append(SentImage(tuple(options[: sheet.num_tiles]), index))
        del options[: sheet.num_tiles]
    return sorted(images, key=lambda image: image.options)
