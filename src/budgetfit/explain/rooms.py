"""For which rooms a plan is made again, to see what more or fewer tokens would buy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.errors import UsageError
from budgetfit.posing import pose
from budgetfit.search.coverage import image_tokens
from budgetfit.search.greedy import greedy
from budgetfit.search.sheet_greedy import greedy_images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.jobs import Job
    from budgetfit.made_from import MadeFrom
    from budgetfit.problem.problem import Problem

__all__ = ["cheapest_request", "in_room", "rooms_of"]

# Where nothing more is gained: pictures are added as long as each token earns what all tokens that
# could be spent would earn, were this share of the video spread over them.
_NEXT_TO_NOTHING = 0.005


def in_room(job: Job, max_prompt_tokens: int, max_images: int | None) -> Job:
    """Return ``job`` with other limits; tokens kept for the answer stay."""
    limits = replace(
        job.limits,
        max_model_len=max_prompt_tokens + job.limits.max_tokens,
        max_prompt_tokens=max_prompt_tokens,
        max_images=max_images,
    )
    return replace(job, limits=limits)


def rooms_of(
    made: MadeFrom,
    num_points: int,
    room_tokens: int | None,
    max_images: Sequence[int | None],
) -> tuple[int, ...]:
    """Return rising rooms in prompt tokens, each about as many times the last one.

    Parameters
    ----------
    made : MadeFrom
        What the plan was made from; its own room is among them.
    num_points : int
        How many, at least 2; fewer where there are fewer whole numbers.
    room_tokens : int or None
        The largest; by default the one beyond which next to nothing is gained.
    max_images : sequence of int or None
        The image limits that the rooms are for.

    Raises
    ------
    UsageError
        ``room_tokens`` is no room for the cheapest request.
    """
    limit = None if None in max_images else max(number for number in max_images if number)
    problem = _roomy(made, limit)
    own = made.job.limits.max_prompt_tokens
    least = min(cheapest_request(problem), own)
    if room_tokens is not None and room_tokens <= least:
        raise UsageError(
            f"room_tokens is {room_tokens}; the cheapest request has {least} prompt tokens, so "
            "give more"
        )
    most = max(_enough(problem), least + 1) if room_tokens is None else room_tokens
    spread = np.rint(np.geomspace(least, max(most, own), num_points)).astype(int).tolist()
    # The plan's own room in place of the nearest one, but for the ends.
    inner = spread[1:-1]
    if own not in spread and inner:
        nearest = min(inner, key=lambda room: abs(math.log(room / own)))
        spread[spread.index(nearest)] = own
    return tuple(sorted({*spread, own}))


def _roomy(made: MadeFrom, max_images: int | None) -> Problem:
    """Return the problem with room for everything."""
    problem = replace(made.posed.problem, max_images=max_images)
    dearest = max(
        [int(problem.option_num_tokens.max()), *(sheet.num_tokens for sheet in problem.sheets)]
    )
    text = max(option.num_tokens for option in problem.prompt_options)
    room = text + made.posed.prompts.num_tokens_full + dearest * problem.image_limit
    return pose(in_room(made.job, room, max_images), made.seen.analysis, made.tokenizer).problem


def cheapest_request(problem: Problem) -> int:
    """Return the tokens of the cheapest request that keeps the rules."""
    shortest = min(option.num_tokens for option in problem.prompt_options)
    pictures = problem.option_num_tokens[~problem.is_tile].tolist()
    cheapest = min([*pictures, *(sheet.num_tokens for sheet in problem.sheets)])
    if not problem.rules and problem.option_level is None:
        return shortest + int(cheapest)
    from budgetfit.cpsat.assumptions import Demand, DemandKind, least_change

    nothing = replace(problem, max_prompt_tokens=shortest)
    demanded = least_change(nothing, Demand(DemandKind.TOKENS, nothing.max_prompt_tokens))
    return shortest + int(cheapest) if demanded is None else demanded


def _enough(problem: Problem) -> int:
    """Return the tokens of a request to which more would add next to nothing."""
    spent = problem.max_prompt_tokens
    price = _NEXT_TO_NOTHING * problem.total_value / spent
    solution = (greedy_images if problem.sheets else greedy)(problem, price, 0.0)
    if solution is None:
        return spent
    text = problem.prompt_options[solution.prompt].num_tokens
    pictures: int = image_tokens(problem, solution.options, solution.sheets)
    return text + pictures
