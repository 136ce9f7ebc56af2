"""Pictures in time order, each explaining a run of moments, best at given prices.

Put the moments in the order of the candidates that explain them best. If every chosen picture
explains a run of neighbouring moments and nothing else counts, the best choice at prices of options
``p_o`` is a path, found by dynamic programming. With ``explains[o, t]`` the values of option ``o``
summed over the moments up to place ``t``,

    after_i[s] = max(after_{i+1}[s],
                     max over options o of i, t >= s of
                         after_{i+1}[t] + explains[o, t] - explains[o, s] - p_o)

is the most that candidates from ``i`` on can add on the places from ``s`` on. A price on tokens
stands for the budget, so that a choice takes milliseconds instead of a table over all tokens. What
it cannot see is a scene that comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["TimeOrder", "moment_times"]

_FloatArray = npt.NDArray[np.float64]


def moment_times(problem: Problem) -> IntArray:
    """Return (num_moments,) the candidate that explains each moment best: when it is."""
    times: IntArray = problem.option_candidate[problem.values.argmax(axis=1)]
    return times


class TimeOrder:
    """The moments of a problem in time order, and what its options explain of them.

    Parameters
    ----------
    problem : Problem
        Its candidates are in time order, as they always are.
    times : (num_moments,) int64 array, optional
        When the moments are; by default as :func:`moment_times` has it. Where options were left
        out, the problem before that tells better.

    Attributes
    ----------
    explains : (num_options, num_places) float array
        What each option explains of the moments up to a place; of none of them up to the first.
    starts : list of int
        First option of each candidate, and the number of options.
    """

    def __init__(self, problem: Problem, times: IntArray | None = None) -> None:
        self.starts = [*problem.candidate_starts.tolist(), problem.num_options]
        times = moment_times(problem) if times is None else times
        in_order = np.argsort(times, kind="stable")
        sums = np.zeros((problem.num_options, problem.num_moments + 1))
        np.cumsum(problem.values[in_order].T, axis=1, out=sums[:, 1:])
        # Moments of one time go together: a run may end behind them only.
        _, counts = np.unique(times, return_counts=True)
        self.explains: _FloatArray = np.ascontiguousarray(sums[:, np.cumsum([0, *counts])])

    def after(self, prices: _FloatArray) -> _FloatArray:
        """Return (num_candidates + 1, num_places) what can be added from there on.

        Parameters
        ----------
        prices : (num_options,) float array
            What a picture must earn.
        """
        num_candidates = len(self.starts) - 1
        after = np.zeros((num_candidates + 1, self.explains.shape[1]))
        for candidate in reversed(range(num_candidates)):
            options = slice(self.starts[candidate], self.starts[candidate + 1])
            later, explains = after[candidate + 1], self.explains[options]
            worth = later + explains - prices[options, None]
            # The best end of a run is the best of all places behind its begin.
            from_end = worth[:, ::-1]
            np.maximum.accumulate(from_end, axis=1, out=from_end)
            worth -= explains
            np.maximum(later, worth.max(axis=0), out=after[candidate])
        return after

    def walked(self, after: _FloatArray, prices: _FloatArray) -> list[int]:
        """Return the options that are worth ``after[0, 0]``.

        Parameters
        ----------
        after : (num_candidates + 1, num_places) float array
            What can be added at the prices.
        prices : (num_options,) float array
            The prices.
        """
        place, chosen = 0, []
        for candidate in range(len(self.starts) - 1):
            later = after[candidate + 1, place:]
            if after[candidate, place] == later[0]:
                continue
            options = slice(self.starts[candidate], self.starts[candidate + 1])
            explains = self.explains[options, place:]
            worth = later + explains - prices[options, None]
            option = int((worth.max(axis=1) - explains[:, 0]).argmax())
            chosen.append(self.starts[candidate] + option)
            place += int(worth[option].argmax())
        return chosen
