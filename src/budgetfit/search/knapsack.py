"""Choosing options of given worth within the token budget, exactly, by dynamic programming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import text_value

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["Knapsack"]

# Floating point while prices are looked for, integers for proofs.
_Array = npt.NDArray[Any]


class Knapsack:
    """The multiple-choice knapsack problem inside a problem: at most one option a candidate.

    Parameters
    ----------
    problem : Problem
        Without sheets. Its values, rules and image limit are not looked at; the text is.
    """

    def __init__(self, problem: Problem) -> None:
        self._num_tokens = problem.option_num_tokens.tolist()
        self._starts = [*problem.candidate_starts.tolist(), problem.num_options]
        room = problem.max_picture_tokens
        self._text = text_value(problem, np.arange(room + 1))

    def num_cells(self, worth: _Array) -> int:
        """How much there is to compute: candidates and options that add something, times tokens."""
        return (len(self._starts) + int((worth > 0).sum())) * len(self._text)

    def solve(self, worth: _Array) -> tuple[float, list[int]]:
        """Return the most that options and text can be worth together, and such options.

        Parameters
        ----------
        worth : (num_options,) array
            What each option adds; those that add nothing are left out.
        """
        after = self.after(worth)
        used, chosen = 0, []
        for candidate in range(len(self._starts) - 1):
            here = after[candidate][used]
            if here == after[candidate + 1][used]:
                continue
            for option in self._options(worth, candidate, used):
                then = used + self._num_tokens[option]
                if worth[option] + after[candidate + 1][then] == here:
                    chosen.append(option)
                    used = then
                    break
        return float(after[0][0]), chosen

    def value(self, worth: IntArray) -> int:
        """Return the most that options and text can be worth together."""
        return int(self.after(worth)[0][0])

    def with_each(self, worth: IntArray) -> IntArray:
        """Return (num_options,) the most that is possible with each option among the chosen.

        A negative number below that of all others where an option does not fit.
        """
        after = self.after(worth)
        room = len(self._text) - 1
        with_each = np.full(len(self._num_tokens), np.iinfo(np.int64).min // 2)
        # What the candidates before may be worth, by tokens used.
        before = np.zeros(room + 1, dtype=np.int64)
        for candidate in range(len(self._starts) - 1):
            grown = before.copy()
            for option in range(self._starts[candidate], self._starts[candidate + 1]):
                tokens = self._num_tokens[option]
                if tokens > room:
                    continue
                through = before[: room + 1 - tokens] + worth[option]
                with_each[option] = (through + after[candidate + 1][tokens:]).max()
                if worth[option] > 0:
                    np.maximum(grown[tokens:], through, out=grown[tokens:])
            before = grown
        return with_each

    def after(self, worth: _Array) -> list[_Array]:
        """Return, for each candidate, what it and those after it add to tokens used before it.

        Each is a (max_picture_tokens + 1,) array; the last one, for no candidate, is the text's
        value beside so many tokens.
        """
        after = [self._text.astype(worth.dtype)]
        for candidate in reversed(range(len(self._starts) - 1)):
            best = after[-1].copy()
            for option in self._options(worth, candidate, 0):
                tokens = self._num_tokens[option]
                through = after[-1][tokens:] + worth[option]
                np.maximum(best[: len(through)], through, out=best[: len(through)])
            after.append(best)
        return after[::-1]

    def _options(self, worth: _Array, candidate: int, used: int) -> list[int]:
        """Return the options of a candidate that add something and fit."""
        room = len(self._text) - 1 - used
        return [
            option
            for option in range(self._starts[candidate], self._starts[candidate + 1])
            if worth[option] > 0 and self._num_tokens[option] <= room
        ]
