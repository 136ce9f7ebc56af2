"""What people send without a planner, judged in the measure of a plan."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from budgetfit.problem.restriction import without_sheets
from budgetfit.problem.validator import evaluate
from budgetfit.search.uniform import uniform_solution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.information.looks import Look
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["FrontierMark", "marks_of"]

_UNIFORM_COUNTS = (4, 8, 16)

# The size that the users of Cosmos-Transfer1 settled on for the first two frames of a video.
_RULE_WIDTH, _RULE_HEIGHT = 320, 180


@dataclass(frozen=True, slots=True)
class FrontierMark:
    """A request to compare a curve with.

    Attributes
    ----------
    name : str
        Such as ``"8 equal frames"``.
    num_tokens : int
        Its prompt tokens.
    num_pictures : int
        Its pictures.
    information : float
        Share of the video that they show, in [0, 1], as ``Plan.information``.
    """

    name: str
    num_tokens: int
    num_pictures: int
    information: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def marks_of(plan: Plan, made: MadeFrom) -> Iterator[FrontierMark]:
    """Yield the plan, equal frames at the largest size within its budget, and the users' rule.

    Image limits and constraints are not looked at: nobody who sends frames by rule knows them.
    """
    yield FrontierMark("this plan", plan.num_tokens, len(plan.pictures), plan.information)
    pictures = without_sheets(made.posed.problem)
    if pictures is not None:
        free = replace(pictures.problem, max_images=None, rules=(), option_level=None)
        yield from _equal(free, made.seen.analysis.evenly)
    # A measure of the user's own knows nothing of other frames.
    if made.job.information is None:
        yield from _first_two(made)


def _equal(problem: Problem, evenly: IntArray) -> Iterator[FrontierMark]:
    before = None
    for number in _UNIFORM_COUNTS:
        solution = uniform_solution(problem, number, evenly)
        # Frames that show the same are sent once, so that more of them may be no more.
        if solution is None or solution == before:
            continue
        before, worth = solution, evaluate(problem, solution)
        yield FrontierMark(
            f"{number} equal frames",
            worth.num_tokens,
            worth.num_images,
            worth.explained_value / problem.total_value if problem.total_value else 1.0,
        )


def _first_two(made: MadeFrom) -> Iterator[FrontierMark]:
    """Yield the first two frames at about 320x180, beside the plan's longest prompt.

    Their fidelity is the first candidate's.
    """
    from budgetfit.information.aspects import shown

    looks = _first_looks(made)
    if not looks:
        return
    seen, job = made.seen, made.job
    moments = [
        candidate.look
        for candidate in seen.video.looks.candidates(keep_all=job.keeps_all_candidates).candidates
    ]
    shares = shown([*moments, *looks])
    level = _rule_level(made)
    information = 0.0
    for aspect in seen.analysis.aspects:
        rows = np.arange(len(aspect.weights)) if aspect.moments is None else aspect.moments
        best = shares[aspect.name][rows, len(moments) :].max(axis=1) * aspect.fidelity[0, level]
        information += float(aspect.weights @ np.minimum(best, 1.0))
    grid = seen.analysis.levels[level]
    width, height = (sides * job.model.side_multiple for sides in (grid.columns, grid.rows))
    text = max(option.num_tokens for option in made.posed.problem.prompt_options)
    weighty = any(aspect.weights.any() for aspect in seen.analysis.aspects)
    yield FrontierMark(
        f"first two frames, {width}x{height}"
        if len(looks) > 1
        else f"first frame, {width}x{height}",
        text + grid.num_tokens * len(looks),
        len(looks),
        information if weighty else 1.0,
    )


def _first_looks(made: MadeFrom) -> Sequence[Look]:
    """Look at the first two frames; at none where it is not known when the second one is shown."""
    from budgetfit.information.looks import look_at
    from budgetfit.information.similarity import thumbnail_shape

    video = made.seen.video
    if not video.info.num_frames:
        return []
    first_s = video.where.start_s or video.times_s[0]
    # In the middle of the time for which the second frame is shown.
    second_s = first_s + 1.5 * video.info.duration_s / video.info.num_frames
    times_s = [first_s, second_s] if video.info.num_frames > 1 else [first_s]
    with video.open() as source:
        return [
            look_at(frame.luma, thumbnail_shape(*frame.luma.shape)) for frame in source.at(times_s)
        ]


def _rule_level(made: MadeFrom) -> int:
    """Return the level whose number of patches is nearest to that of 320x180."""
    side = made.job.model.side_multiple
    wanted = math.ceil(_RULE_WIDTH / side) * math.ceil(_RULE_HEIGHT / side)
    patches = [level.columns * level.rows for level in made.seen.analysis.levels]
    return min(range(len(patches)), key=lambda level: abs(math.log(patches[level] / wanted)))
