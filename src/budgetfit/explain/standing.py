"""What each frame of a plan stands for: stretches of the video's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.explain.moments import moments_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from budgetfit.made_from import MadeFrom
    from budgetfit.problem.problem import IntArray

__all__ = ["Standing", "standing"]

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Which candidate stands for which time, and which frame of the plan shows it.

    Attributes
    ----------
    start_s : float
        Where the part of the video begins that was planned.
    edges_s : (num_sights + 1,) float array
        Where the time of each of them begins, and where the last one's ends.
    candidate_of : (num_sights,) int array
        The candidate that stands for each of them.
    worth : (num_candidates,) int64 array
        What each candidate's moment is worth.
    alone : (num_candidates, num_frames) int64 array
        What each frame of the plan, alone, explains of each moment.
    explained : (num_candidates,) int64 array
        What the plan explains of each moment.
    """

    start_s: float
    edges_s: npt.NDArray[np.float64]
    candidate_of: IntArray
    worth: IntArray
    alone: IntArray
    explained: IntArray

    def candidate_at(self, time_s: float) -> int:
        """Return the candidate that stands for a time."""
        sight = int(np.searchsorted(self.edges_s[1:-1], time_s, side="right"))
        return int(self.candidate_of[sight])

    def moments_of_frame(self, frame: int) -> tuple[int, ...]:
        """Return the moments of which a frame of the plan shows most."""
        shown = self.alone.max(axis=1) > 0
        best = self.alone.argmax(axis=1)
        return tuple(np.flatnonzero(shown & (best == frame)).tolist())

    def intervals(self, candidates: Collection[int]) -> tuple[Interval, ...]:
        """Return the stretches of time that candidates stand for."""
        found: list[list[float]] = []
        for sight in np.flatnonzero(np.isin(self.candidate_of, list(candidates))).tolist():
            start_s, end_s = self.edges_s[sight : sight + 2].tolist()
            if found and found[-1][1] == start_s:
                found[-1][1] = end_s
            else:
                found.append([start_s, end_s])
        return tuple((start_s, end_s) for start_s, end_s in found)


def standing(made: MadeFrom) -> Standing:
    """Return what stands for what in a plan.

    Raises
    ------
    UsageError
        A measure of the user's own has moments that are not the candidates.
    """
    looks = made.seen.video.looks
    time_s = np.array([sight.time_s for sight in looks.sights])
    middles = (time_s[:-1] + time_s[1:]) / 2
    edges_s = np.array([time_s[0], *middles, max(looks.end_s, time_s[-1])])
    moments, problem = moments_of(made.seen.analysis), made.posed.problem
    return Standing(
        start_s=made.seen.video.where.start_s or 0.0,
        edges_s=edges_s,
        candidate_of=looks.candidates(keep_all=made.job.keeps_all_candidates).candidate_of,
        worth=moments.worth,
        alone=moments.by_option(problem, made.solution.options),
        explained=moments.explained(problem, made.solution.options),
    )
