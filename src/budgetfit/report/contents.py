"""What stands on the page, from a plan that has what it was made from."""

from __future__ import annotations

import math
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from budgetfit import __version__
from budgetfit.errors import UsageError
from budgetfit.explain.explanation import explain
from budgetfit.explain.frontier import frontier
from budgetfit.explain.moments import explained_moments
from budgetfit.render import words
from budgetfit.report.facts import (
    asked_rows,
    constraint_rows,
    proof_rows,
    timing_rows,
    version_rows,
)
from budgetfit.report.frontier_chart import chart_of
from budgetfit.report.naming import NUM_COLORS
from budgetfit.report.numbers import percent_up
from budgetfit.report.pictures import page_images, thumbnails
from budgetfit.report.request import messages_of
from budgetfit.report.timeline import stand_for, timeline_of
from budgetfit.report.token_bar import token_bar, token_legend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.report.timeline import StandsFor, Timeline

__all__ = ["headline", "page_contents", "picture_rows"]

# Rooms on the curve: enough to see its bend.
_NUM_POINTS = 12

# CSS pixels: across the page, between pictures, for a caption, and down to where the rows of
# pictures should end.
_ACROSS, _GAP, _CAPTION, _DOWN = 1040, 20, 84, 800
_NARROWEST = 152


def headline(plan: Plan) -> str:
    """Return in a sentence what is sent, what it shows, and what is proved."""
    pictures = words.pictures(plan) if plan.pictures else "No picture"
    verb = "shows" if len(plan.pictures) == 1 and not plan.sheets else "show"
    verb = verb if plan.pictures else "shows"
    used, room = plan.num_tokens, plan.limits.max_prompt_tokens
    return f"{pictures} {verb} {words.proof(plan)}, in {used:,} of {room:,} prompt tokens."


def page_contents(plan: Plan, made: MadeFrom) -> dict[str, Any]:
    """Return the values of the page's template.

    Raises
    ------
    VideoError
        The video cannot be read any more.
    """
    timeline, stands, no_timeline = _timeline(plan, made)
    # What cannot be said of moments cannot be said of the pictures that explain them either.
    explanation = explain(plan).sections if timeline is not None else ()
    images, factor = page_images(plan.images())
    return {
        "version": __version__,
        "clip": words.clip_name(plan),
        "headline": headline(plan),
        "plan": plan,
        "num_colors": NUM_COLORS,
        "pictures": picture_rows(plan, stands),
        "images": images,
        "factor": factor,
        "scale": _scale(plan),
        "best_bound": percent_up(plan.best_bound),
        "timeline": timeline,
        "no_timeline": no_timeline,
        "token_bar": token_bar(plan),
        "token_legend": token_legend(plan),
        "messages": messages_of(plan),
        "asked": tuple(asked_rows(plan)),
        "chart": chart_of(frontier(plan, num_points=_NUM_POINTS)),
        "letters": ascii_uppercase,
        "explanation": explanation,
        "proof": tuple(proof_rows(plan)),
        "constraints": constraint_rows(plan),
        "timings": tuple(timing_rows(plan)),
        "versions": tuple(version_rows()),
    }


def picture_rows(plan: Plan, stands: Sequence[StandsFor | None]) -> list[dict[str, Any]]:
    """Return what is said of each of ``plan.pictures``."""
    room = plan.limits.max_prompt_tokens
    widest = max((picture.width for picture in plan.pictures), default=1)
    return [
        {
            "number": number,
            "color": (number - 1) % NUM_COLORS,
            "moments": words.moments(plan, picture).replace("x", "\u00d7"),
            "size": words.size(picture).replace("x", "\u00d7"),
            "num_tokens": picture.num_tokens,
            "share": picture.num_tokens / room,
            "relative_width": picture.width / widest,
            "width": picture.width,
            "stands": stand,
        }
        for number, (picture, stand) in enumerate(zip(plan.pictures, stands, strict=True), 1)
    ]


def _scale(plan: Plan) -> float:
    """Return the factor by which all pictures are drawn: as large as rows on a screen let them."""
    widest = max((picture.width for picture in plan.pictures), default=1)
    tallest = max((picture.height for picture in plan.pictures), default=1)
    scale = 1.0
    for across in range(1, (_ACROSS + _GAP) // (_NARROWEST + _GAP) + 1):
        scale = min(1.0, (_ACROSS - _GAP * (across - 1)) / (across * widest))
        fitting = int((_ACROSS + _GAP) / (max(widest * scale, _NARROWEST) + _GAP))
        num_rows = math.ceil(len(plan.pictures) / fitting)
        if num_rows * (tallest * scale + _CAPTION) <= _DOWN:
            break
    return scale


def _timeline(
    plan: Plan, made: MadeFrom
) -> tuple[Timeline | None, Sequence[StandsFor | None], str]:
    """Return the timeline and what each picture stands for, or why neither is known."""
    try:
        moments = explained_moments(plan)
    except UsageError as error:
        return None, [None] * len(plan.pictures), str(error)
    start_s = made.seen.video.where.start_s or 0.0
    timeline = timeline_of(plan, moments, thumbnails(made.seen), start_s)
    return timeline, stand_for(plan, moments, start_s), ""
