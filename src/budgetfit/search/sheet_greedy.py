"""Greedy construction image by image: the picture or the filled sheet with the best score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.search.deadline import NEVER
from budgetfit.search.image_kinds import image_kinds
from budgetfit.search.sheet_filling import Filling, filled

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline
    from budgetfit.search.image_kinds import ImageKinds

__all__ = ["greedy_images"]


def greedy_images(
    problem: Problem, token_price: float, image_price: float, deadline: Deadline = NEVER
) -> Solution | None:
    """Add images by gain minus price until none has a positive score; then exchange frames.

    Parameters
    ----------
    problem : Problem
        The data.
    token_price, image_price : float
        Value that a token and an image must earn.

    Returns
    -------
    Solution or None
        None where it ends without keeping the rules, nothing fits, or the time is up.
    """
    kinds = image_kinds(problem)
    images: list[int] = []
    filling = Filling(problem)
    room = problem.max_picture_tokens
    while len(images) < problem.image_limit:
        best: tuple[float, int, list[int]] | None = None
        for image, gain, options in _offers(kinds, filling, room, deadline):
            score = gain - token_price * int(kinds.num_tokens[image]) - image_price
            if best is None or score > best[0]:
                best = score, image, options
        if best is None or (images and best[0] <= 0):
            break
        images.append(best[1])
        for option in best[2]:
            filling.add(option)
        room -= int(kinds.num_tokens[best[1]])
    return filled(problem, kinds, images, deadline) if images else None


def _offers(
    kinds: ImageKinds, filling: Filling, room: int, deadline: Deadline
) -> list[tuple[int, int, list[int]]]:
    """Return each image that fits, how much it explains, and what fills it, greedily.

    A larger sheet of the same tiles is a smaller one filled further, so each group is filled once.
    """
    offers = []
    for group, members in enumerate(kinds.groups):
        wanted = {
            int(kinds.num_places[image]): int(image)
            for image in (kinds.group == group).nonzero()[0]
            if kinds.num_tokens[image] <= room
        }
        trial, total = filling.copy(), 0
        first = len(trial.options)
        for number in range(1, max(wanted, default=0) + 1):
            free = trial.free(members)
            if not free.size or deadline.passed():
                break
            gain = trial.gains(free)
            at = int(gain.argmax())
            total += int(gain[at])
            trial.add(int(free[at]))
            if number in wanted:
                offers.append((wanted[number], total, trial.options[first:]))
    return offers
