"""What may be chosen for each of many jobs, as arrays; what of it can matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Choices", "IntArray"]

IntArray = npt.NDArray[np.int64]

# Values times tokens are compared in 64-bit integers.
_MAX_BITS = 62


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Points of jobs, one of which is chosen for each job.

    Attributes
    ----------
    num_tokens : (num_points,) int64 array
        What each point costs; not negative.
    value : (num_points,) int64 array
        What each point is worth; not negative.
    starts : (num_jobs,) int64 array
        Index of each job's first point; every job has at least one.

    Raises
    ------
    ValueError
        Arrays do not fit each other, a number is negative, or they are too large to be multiplied.
    """

    num_tokens: IntArray
    value: IntArray
    starts: IntArray

    def __post_init__(self) -> None:
        if self.num_tokens.shape != self.value.shape or self.num_tokens.ndim != 1:
            raise ValueError("each point has one number of tokens and one value")
        if (np.diff(self.starts, append=len(self.value)) < 1).any() or (
            self.num_jobs and self.starts[0] != 0
        ):
            raise ValueError("every job has at least one point, the first job the first one")
        if not self.num_jobs:
            return
        if min(self.num_tokens.min(), self.value.min()) < 0:
            raise ValueError("tokens and values are not negative")
        if self.num_bits > _MAX_BITS:
            raise ValueError("tokens and values are too large to be multiplied")

    @classmethod
    def of(cls, jobs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Choices:
        """Return the choices of jobs, each (tokens of its points, values of its points)."""
        counts = np.array([len(tokens) for tokens, _ in jobs], dtype=np.int64)
        return cls(
            np.array([t for tokens, _ in jobs for t in tokens], dtype=np.int64),
            np.array([v for _, values in jobs for v in values], dtype=np.int64),
            np.cumsum(counts) - counts,
        )

    @property
    def num_jobs(self) -> int:
        """Number of jobs."""
        return len(self.starts)

    @property
    def job(self) -> IntArray:
        """(num_points,) the job of each point."""
        counts = np.diff(self.starts, append=len(self.value))
        return np.repeat(np.arange(self.num_jobs, dtype=np.int64), counts)

    @property
    def num_bits(self) -> int:
        """Bits of the largest value times the largest number of tokens."""
        return int(self.value.max()).bit_length() + int(self.num_tokens.max()).bit_length()

    def undominated(self) -> IntArray:
        """Return indices of the points worth more than all cheaper ones of their job, rising.

        Of points alike the first one is kept.
        """
        if not self.num_jobs:
            return np.zeros(0, dtype=np.int64)
        job = self.job
        order = np.lexsort((-self.value, self.num_tokens, job))
        # Later jobs are lifted above earlier ones, so that one running maximum serves all.
        lifted = self.value[order] + job[order] * (int(self.value.max()) + 1)
        best = np.maximum.accumulate(lifted)
        first = np.ones(len(order), dtype=bool)
        first[1:] = best[1:] > best[:-1]
        # A job's cheapest point is worth more than nothing before it, even where it is worth 0.
        first[1:] |= job[order][1:] != job[order][:-1]
        kept: IntArray = order[first]
        return kept

    def hull(self) -> IntArray:
        """Return indices of the vertices of each job's least concave majorant, by rising tokens.

        It begins with the cheapest point and ends with the most valuable one.
        """
        kept = self.undominated()
        job, tokens, value = self.job[kept], self.num_tokens[kept], self.value[kept]
        while len(kept) > 2:
            rise, run = np.diff(value), np.diff(tokens)
            # A point on or below the chord of its neighbours is no vertex; so are all at once, as
            # the neighbours are points of the job whether they are vertices or not.
            below = rise[:-1] * run[1:] <= rise[1:] * run[:-1]
            inner = (job[:-2] == job[1:-1]) & (job[1:-1] == job[2:])
            keep = np.ones(len(kept), dtype=bool)
            keep[1:-1] = ~(below & inner)
            if keep.all():
                break
            kept, job, tokens, value = kept[keep], job[keep], tokens[keep], value[keep]
        return kept

    def hull_alone(self) -> Choices:
        """Return the vertices that ``hull`` names, without all else."""
        hull = self.hull()
        counts = np.bincount(self.job[hull], minlength=self.num_jobs)
        return Choices(self.num_tokens[hull], self.value[hull], np.cumsum(counts) - counts)

    def only(self, keep: npt.NDArray[np.bool_]) -> tuple[Choices, IntArray]:
        """Return the points of a mask, at least one a job, and their indices here."""
        kept = np.flatnonzero(keep)
        counts = np.bincount(self.job[kept], minlength=self.num_jobs)
        return Choices(self.num_tokens[kept], self.value[kept], np.cumsum(counts) - counts), kept
