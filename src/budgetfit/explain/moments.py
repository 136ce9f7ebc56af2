"""How much of each moment of the video a plan shows, and with which frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError
from budgetfit.explain.restoring import restored
from budgetfit.problem.building import VALUE_SCALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.analysis import Analysis
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.video.sources import Video

__all__ = ["ExplainedMoment", "Moments", "explained_moments", "moments_of"]


@dataclass(frozen=True, slots=True)
class ExplainedMoment:
    """A moment of the video, and what a plan shows of it.

    Attributes
    ----------
    time_s : float
        When it is, in seconds.
    span_s : float
        Seconds of the video that it stands for.
    weight : float
        Its share of what there is to see: over all moments 1, or 0 where there is nothing.
    explained : float
        Share of it that is shown, in [0, 1]; 0 where it has no weight.
    frame : int or None
        Index into ``Plan.frames`` of the frame that shows most of it; None where none shows any.
    """

    time_s: float
    span_s: float
    weight: float
    explained: float
    frame: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The rows of a problem's values as moments: scene and text of a moment are two rows.

    Attributes
    ----------
    row_moment : (num_rows,) int array
        The moment, which is a candidate, of each row.
    worth : (num_candidates,) int64 array
        What each moment is worth where it is explained fully.
    """

    row_moment: npt.NDArray[np.intp]
    worth: IntArray

    def explained(self, problem: Problem, options: Sequence[int]) -> IntArray:
        """Return (num_candidates,) how much of each moment the best of ``options`` explain."""
        rows = problem.values[:, list(options)].max(axis=1, initial=0)
        return self.added_up(rows[:, None])[:, 0]

    def by_option(self, problem: Problem, options: Sequence[int]) -> IntArray:
        """Return (num_candidates, num_given) how much of each moment each option alone explains."""
        return self.added_up(problem.values[:, list(options)])

    def added_up(self, rows: IntArray) -> IntArray:
        """Return (num_candidates, n) the sums over each moment of (num_rows, n) values."""
        sums = np.zeros((len(self.worth), rows.shape[1]), dtype=np.int64)
        np.add.at(sums, self.row_moment, rows)
        return sums


def moments_of(analysis: Analysis) -> Moments:
    """Return which moments the rows of the values are.

    Raises
    ------
    UsageError
        A measure of the user's own has moments that are not the candidates.
    """
    num_candidates = len(analysis.time_s)
    rows: list[npt.NDArray[np.intp]] = []
    for aspect in analysis.aspects:
        moments = np.arange(num_candidates) if aspect.moments is None else aspect.moments
        if len(moments) != len(aspect.weights):
            raise UsageError(
                f"information gave {len(aspect.weights)} moments for {num_candidates} candidates, "
                "so it is not known when they are; give one moment a candidate"
            )
        rows.append(moments)
    row_moment = np.concatenate(rows)
    ceilings = [np.floor(a.weights * VALUE_SCALE).astype(np.int64) for a in analysis.aspects]
    worth = np.zeros(num_candidates, dtype=np.int64)
    np.add.at(worth, row_moment, np.concatenate(ceilings))
    return Moments(row_moment, worth)


def _spans_s(made: MadeFrom) -> tuple[float, ...]:
    """Return the seconds of the video that each candidate stands for."""
    return made.seen.video.looks.candidates(keep_all=made.job.keeps_all_candidates).span_s


def explained_moments(plan: Plan, *, video: Video | None = None) -> tuple[ExplainedMoment, ...]:
    """Return the moments of the video and what ``plan`` shows of each, in time order.

    ``weight * explained``, added up, is ``plan.information``, but for the rounding to integers that
    planning does. Where nothing in the video counts, all weights are 0.

    Parameters
    ----------
    plan : Plan
        The plan.
    video : Video, optional
        The video, where the plan comes from a file and its path does not lead to it.

    Raises
    ------
    VideoError, PlanFileError, UsageError
        As :func:`~budgetfit.explain.restoring.restored`; also where a measure of the user's own has
        moments that are not the candidates.
    """
    made = restored(plan, video).made_from
    if made is None:
        raise RuntimeError("a restored plan has what it was made from")
    analysis, problem, options = made.seen.analysis, made.posed.problem, made.solution.options
    moments = moments_of(analysis)
    explained = moments.explained(problem, options)
    alone = moments.by_option(problem, options)
    best = alone.argmax(axis=1)
    total = int(moments.worth.sum())
    return tuple(
        ExplainedMoment(
            time_s=time_s,
            span_s=span_s,
            weight=worth / total if total else 0.0,
            explained=shown / worth if worth else 0.0,
            frame=int(best[moment]) if alone[moment, best[moment]] else None,
        )
        for moment, (time_s, span_s, worth, shown) in enumerate(
            zip(
                analysis.time_s.tolist(),
                _spans_s(made),
                moments.worth.tolist(),
                explained.tolist(),
                strict=True,
            )
        )
    )
