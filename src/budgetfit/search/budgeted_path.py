"""The best choice in time order within the budget: labels on paths near the best at prices.

At good prices it is known what every beginning of a choice, a label, can still become
(priced_paths.py). So only those labels are kept that can still be worth more than the best choice
known, and of those at one place only the ones that no other outdoes with fewer tokens (Handler and
Zang, 1980, for shortest paths with a budget). Where prices leave a small gap, these are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import text_value
from budgetfit.search.deadline import NEVER
from budgetfit.search.priced_paths import limits_worth

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.search.deadline import Deadline
    from budgetfit.search.priced_paths import PricedPaths

__all__ = ["budgeted_path"]

_FloatArray = npt.NDArray[np.float64]

# Labels at a time: of more, those with the least to hope for are left out.
_MAX_LABELS = 500


def budgeted_path(
    problem: Problem, paths: PricedPaths, worth: int, deadline: Deadline = NEVER
) -> list[int]:
    """Return the best choice in time order within the budget that is worth more than ``worth``.

    It is the best one where no label had to be left out. Rules are not looked at.

    Parameters
    ----------
    problem : Problem
        Without sheets.
    paths : PricedPaths
        The prices.
    worth : int
        Only what is worth more is of interest.
    deadline : Deadline, optional
        When to give up.

    Returns
    -------
    list of int
        Options, rising; empty where nothing is found.
    """
    if paths.bound <= worth or deadline.passed():
        return []
    zero = np.zeros(1, dtype=np.int64)
    labels = _Labels(zero, zero, zero, np.zeros(1), zero)
    parents, options = [np.array([-1])], [np.array([-1])]
    num_nodes = 1
    growth = _Growth(problem, paths, worth)
    for candidate in range(problem.num_candidates):
        grown, option = growth.grown(labels, candidate)
        parents.append(grown.node)
        options.append(option)
        grown = grown._replace(node=num_nodes + np.arange(len(option)))
        num_nodes += len(option)
        labels = growth.kept(labels.with_others(grown), candidate)
        if not labels.node.size or deadline.passed():
            return []
    # A solution has a picture, however much the text that it pushes out is worth.
    labels = labels.where(np.flatnonzero(labels.node > 0))
    if not labels.node.size:
        return []
    reached = labels.value + text_value(problem, labels.num_tokens)
    last = int(reached.argmax())
    if reached[last] <= worth:
        return []
    return _walked_back(int(labels.node[last]), np.concatenate(parents), np.concatenate(options))


def _walked_back(node: int, parents: IntArray, options: IntArray) -> list[int]:
    """Return the pictures of a label from the history."""
    chosen: list[int] = []
    while node > 0:
        chosen.append(int(options[node]))
        node = int(parents[node])
    return chosen[::-1]


class _Labels(NamedTuple):
    """Beginnings of choices; arrays of one length.

    Attributes
    ----------
    place : int64 array
        Up to where the moments are given out.
    num_images : int64 array
        Images; 0 where their number is not limited.
    num_tokens : int64 array
        Tokens of the pictures.
    value : float64 array
        What they explain of those moments.
    node : int64 array
        The last picture, in the history.
    """

    place: IntArray
    num_images: IntArray
    num_tokens: IntArray
    value: _FloatArray
    node: IntArray

    def where(self, keep: IntArray) -> _Labels:
        arrays: tuple[npt.NDArray[Any], ...] = self
        return _Labels(*(array[keep] for array in arrays))

    def with_others(self, others: _Labels) -> _Labels:
        pairs: zip[tuple[npt.NDArray[Any], ...]] = zip(self, others, strict=True)
        return _Labels(*(np.concatenate(pair) for pair in pairs))


class _Growth:
    """How labels grow by one candidate, and which of them are kept."""

    def __init__(self, problem: Problem, paths: PricedPaths, worth: int) -> None:
        self._problem = problem
        self._paths = paths
        self._worth = worth
        self._limits = limits_worth(problem, paths.prices)
        self._limited = problem.image_limit < problem.num_candidates

    def _hope(self, labels: _Labels) -> _FloatArray:
        """Return (num_labels,) a bound on each label's choices, less what comes after it."""
        token, image = self._paths.prices
        spent = token * labels.num_tokens + image * labels.num_images
        hope: _FloatArray = labels.value - spent + self._limits
        return hope

    def grown(self, labels: _Labels, candidate: int) -> tuple[_Labels, IntArray]:
        """Return the labels that have one picture of the candidate more, and which it is."""
        first, last = self._paths.order.starts[candidate : candidate + 2]
        explains = self._paths.order.explains[first:last]
        token, image = self._paths.prices
        price = token * self._problem.option_num_tokens[first:last] + image
        ends = explains - price[:, None] + self._paths.after[candidate + 1]
        begins = np.flatnonzero(np.diff(labels.place, prepend=-1))
        sizes = np.diff(begins, append=len(labels.place))
        place = labels.place[begins]
        hope = np.maximum.reduceat(self._hope(labels), begins) - explains[:, place]
        most = np.maximum.accumulate(ends[:, ::-1], axis=1)[:, ::-1][:, place]
        # (option, begin of the run) that can lead to something better, and then the run's ends.
        option, begin = np.nonzero(hope + most > self._worth)
        reach = hope[option, begin, None] + ends[option] > self._worth
        reach &= np.arange(reach.shape[1]) > place[begin, None]
        run, end = np.nonzero(reach)
        option, begin = option[run], begin[run]
        # Every label at the begin of a run is extended by it.
        index = np.repeat(np.arange(len(run)), sizes[begin])
        offset = np.arange(len(index)) - np.repeat(
            np.cumsum(sizes[begin]) - sizes[begin], sizes[begin]
        )
        old = labels.where(begins[begin[index]] + offset)
        option, end = option[index], end[index]
        tokens = old.num_tokens + self._problem.option_num_tokens[first + option]
        count = old.num_images + int(self._limited)
        value = old.value + explains[option, end] - explains[option, old.place]
        fits = (tokens <= self._problem.max_picture_tokens) & (count <= self._problem.image_limit)
        keep = np.flatnonzero(fits)
        return _Labels(end, count, tokens, value, old.node).where(keep), first + option[keep]

    def kept(self, labels: _Labels, candidate: int) -> _Labels:
        """Leave out labels that are outdone or can lead to nothing better, and sort by place."""
        hope = self._hope(labels) + self._paths.after[candidate + 1][labels.place]
        labels = labels.where(np.flatnonzero(hope > self._worth))
        state = labels.place * (self._problem.image_limit + 1) + labels.num_images
        order = np.lexsort((-labels.value, labels.num_tokens, state))
        labels, state = labels.where(order), state[order]
        # Within a state values must rise with tokens: each state is lifted above the one before.
        value = labels.value.astype(np.int64)
        lifted = value + state * (value.max(initial=0) + 1)
        best_before = np.maximum.accumulate(np.append(-1, lifted))[:-1]
        labels = labels.where(np.flatnonzero(lifted > best_before))
        if len(labels.place) <= _MAX_LABELS:
            return labels
        hope = self._hope(labels) + self._paths.after[candidate + 1][labels.place]
        best = np.argsort(-hope, kind="stable")[:_MAX_LABELS]
        return labels.where(np.sort(best))
