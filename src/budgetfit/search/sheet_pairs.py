"""An upper bound on requests of at most two images, sheets among them, in exact integers.

Dualize only that a moment is explained once, at prices ``mu_t >= 0``. Every option then is worth
``r_o = sum_t max(0, value[t, o] - mu_t)`` whatever else is chosen, so an image of ``n`` places is
worth at most the ``n`` best of its options, and

    L = sum_t mu_t + max over one or two images that fit the budget of
        [ best options of the one + best options of the other + value of the text beside them ]

bounds every solution: each pair of images is weighed as it is, with whole sheets and its exact
tokens. That is far tighter than a price on tokens and images where only two may be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import text_value
from budgetfit.search.image_kinds import image_kinds

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["UNPROVED", "SheetPairs"]

# What SheetPairs.proved holds where nothing is known.
UNPROVED = int(np.iinfo(np.int64).max)

# The same steps in floating point while searching, and in integers for the proof.
_Array = npt.NDArray[Any]
_BoolArray = npt.NDArray[np.bool_]


class SheetPairs:
    """Every request of one or two images of a problem, and what each can be worth.

    Parameters
    ----------
    problem : Problem
        With sheets; its rules only narrow what is bounded here.

    Attributes
    ----------
    kinds : ImageKinds
        The images.
    first, second : (num_pairs,) int64 array
        The kinds of each pair; ``second`` is -1 where there is one image.
    proved : (num_pairs,) int64 array
        What each pair is proved not to exceed by other means; ``UNPROVED`` at first.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.kinds = kinds = image_kinds(problem)
        size = np.array([len(group) for group in kinds.groups], dtype=np.int64)
        # Options of each group in a row, filled up with one that is worth nothing.
        self._members = np.full((len(size), int(size.max(initial=0))), problem.num_options)
        for row, group in zip(self._members, kinds.groups, strict=True):
            row[: len(group)] = group
        self.first, self.second = self._pairs(size)
        used = kinds.num_tokens[self.first]
        used = used + np.where(self.second >= 0, kinds.num_tokens[self.second], 0)
        self._text = text_value(problem, used)
        self.proved = np.full(len(used), UNPROVED)
        same = (self.second >= 0) & (kinds.group[self.first] == kinds.group[self.second])
        # Two images filled from one group share its best options.
        places = kinds.num_places[self.first]
        self._first_places = np.where(same, places + kinds.num_places[self.second], places)
        alone = same | (self.second < 0)
        self._second_places = np.where(alone, 0, kinds.num_places[self.second])

    def _pairs(self, size: IntArray) -> tuple[IntArray, IntArray]:
        kinds, total = self.kinds, self._problem.max_picture_tokens
        alone = np.arange(len(kinds.group))
        if self._problem.image_limit < 2:
            return alone, np.full(len(alone), -1)
        first, second = np.triu_indices(len(kinds.group))
        places = kinds.num_places[first] + kinds.num_places[second]
        one_group = kinds.group[first] == kinds.group[second]
        fits = (kinds.num_tokens[first] + kinds.num_tokens[second] <= total) & (
            places <= np.where(one_group, size[kinds.group[first]], self._problem.num_candidates)
        )
        return (
            np.concatenate([alone, first[fits]]),
            np.concatenate([np.full(len(alone), -1), second[fits]]),
        )

    def surplus(self, moment: _Array) -> _Array:
        """Return (num_options,) what each option is worth above the moments' prices."""
        worth: _Array = np.maximum(self._problem.values - moment[:, None], 0).sum(axis=0)
        return worth

    def worth(self, moment: _Array, surplus: _Array) -> _Array:
        """Return (num_pairs,) an upper bound on what each pair is worth, text included."""
        ranked = -np.sort(-np.append(surplus, 0)[self._members], axis=1)
        best = np.zeros((len(ranked), ranked.shape[1] + 1), dtype=ranked.dtype)
        np.cumsum(ranked, axis=1, out=best[:, 1:])
        group = self.kinds.group
        worth: _Array = (
            best[group[self.first], self._first_places]
            + best[group[self.second], self._second_places]
            + self._text
            + moment.sum()
        )
        return worth

    def bounds(self, moment: IntArray) -> IntArray:
        """Return (num_pairs,) what each pair is proved not to exceed."""
        bounds: IntArray = np.minimum(self.worth(moment, self.surplus(moment)), self.proved)
        return bounds

    def images(self, pair: int) -> list[int]:
        """Return the kinds of image of ``pair``."""
        return [int(kind) for kind in (self.first[pair], self.second[pair]) if kind >= 0]

    def places(self, pair: int) -> tuple[list[tuple[IntArray, int]], int]:
        """Return each group of ``pair`` with its number of places, and the value of the text."""
        group = self.kinds.groups
        places = [
            (group[self.kinds.group[self.first[pair]]], int(self._first_places[pair])),
            (group[self.kinds.group[self.second[pair]]], int(self._second_places[pair])),
        ]
        return [(options, number) for options, number in places if number], int(self._text[pair])

    def best_options(self, pair: int, surplus: _Array) -> IntArray:
        """Return the options that the bound counts on for ``pair``."""
        return np.concatenate(
            [
                options[np.argsort(-surplus[options], kind="stable")[:number]]
                for options, number in self.places(pair)[0]
            ]
        )

    def cannot_reach(self, moment: IntArray, objective_value: int) -> tuple[_BoolArray, _BoolArray]:
        """Tell which options and which sheets no solution worth ``objective_value`` can contain.

        Returns
        -------
        (num_options,) bool array, (num_sheets,) bool array
        """
        surplus = self.surplus(moment)
        worth = self.bounds(moment)
        slack = np.full(len(self.kinds.group), -1, dtype=np.int64)
        np.maximum.at(slack, self.first, worth - objective_value)
        paired = self.second >= 0
        np.maximum.at(slack, self.second[paired], worth[paired] - objective_value)
        return self._options_out(surplus, slack), self._sheets_out(slack)

    def _options_out(self, surplus: IntArray, slack: IntArray) -> _BoolArray:
        """Forcing an option in that is not among the best costs what it is worth less than them."""
        kinds = self.kinds
        most = np.full(len(kinds.groups), -1, dtype=np.int64)
        np.maximum.at(most, kinds.group, slack)
        places = np.zeros(len(kinds.groups), dtype=np.int64)
        np.maximum.at(places, kinds.group[self.first], self._first_places)
        paired = self.second >= 0
        np.maximum.at(places, kinds.group[self.second[paired]], self._second_places[paired])
        out: _BoolArray = np.ones(self._problem.num_options, dtype=bool)
        for members, left, number in zip(kinds.groups, most.tolist(), places.tolist(), strict=True):
            if left >= 0 and number > 0:
                # With fewer places the last of the best is worth more: the most places are safe.
                last = int(np.sort(surplus[members])[::-1][min(number, len(members)) - 1])
                out[members] = last - surplus[members] > left
        return out

    def _sheets_out(self, slack: IntArray) -> _BoolArray:
        out: _BoolArray = np.ones(len(self._problem.sheets), dtype=bool)
        sheet = self.kinds.sheet
        out[sheet[sheet >= 0]] = slack[sheet >= 0] < 0
        return out
