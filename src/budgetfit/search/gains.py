"""What every option would add to what is explained, brought up to date where that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["Gains"]


class Gains:
    """The gain of every option: the sum over moments of what it explains beyond what is explained.

    A picture that is added or taken out changes what is explained of the moments around it, and
    only those are summed again.

    Parameters
    ----------
    problem : Problem
        The data.

    Attributes
    ----------
    explained : (num_moments,) int64 array
        What is explained of each moment; nothing at first.
    gain : (num_options,) int64 array
        What each option would add to that.
    """

    def __init__(self, problem: Problem) -> None:
        self._values = problem.values
        self.explained: IntArray = np.zeros(problem.num_moments, dtype=np.int64)
        self.gain: IntArray = problem.values.sum(axis=0)

    def move_to(self, explained: IntArray) -> None:
        """Take note of what is explained now, (num_moments,)."""
        self.gain = self.gain_at(explained)
        self.explained = explained

    def gain_at(self, explained: IntArray) -> IntArray:
        """Return the gains where so much of each moment were explained, (num_moments,)."""
        gain = self.gain
        less, more = explained < self.explained, explained > self.explained
        if less.any():
            gain = gain + self._between(less, explained, self.explained)
        if more.any():
            gain = gain - self._between(more, self.explained, explained)
        return gain

    def _between(self, moments: npt.NDArray[np.bool_], least: IntArray, most: IntArray) -> IntArray:
        """Return how much of what lies between two amounts of ``moments`` each option explains."""
        least, most = least[moments, None], most[moments, None]
        values = self._values[moments]
        np.clip(values, least, most, out=values)
        between: IntArray = values.sum(axis=0) - int(least.sum())
        return between
