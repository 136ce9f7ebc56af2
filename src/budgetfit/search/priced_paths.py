"""Prices at which the best choice in time order nearly keeps the budget.

A price on tokens and one on images bound all choices in time order that keep the budget and the
image limit: by what is best at these prices (time_order.py), and what the limits are worth. Along
multiples of given prices that bound is convex, so that a few tries find the least one; on either
side of it are a choice that keeps the limits and one that just does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import text_value
from budgetfit.search.deadline import NEVER
from budgetfit.search.time_order import TimeOrder

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.search.deadline import Deadline

__all__ = ["PricedPaths", "limits_worth"]

_FloatArray = npt.NDArray[np.float64]

# Multiples of the prices that are tried at most, and the step between them until the best one lies
# between two.
_MAX_TRIED = 7
_STEP = 1.4

# Bounds that differ by less than this share are equal.
_ROUNDING = 1e-9


class _Line(NamedTuple):
    """What a choice and the limits are worth together, by the multiple of the prices."""

    at_zero: float
    slope: float


class PricedPaths:
    """Looks for the multiple of given prices that leaves the least gap, and what is best there.

    Rules are not looked at.

    Parameters
    ----------
    problem : Problem
        Without sheets.
    token_price, image_price : float
        Prices near which good choices are; not negative.
    times : (num_moments,) int64 array, optional
        When the moments are, as in :class:`~budgetfit.search.time_order.TimeOrder`.
    deadline : Deadline, optional
        When to stop looking.

    Attributes
    ----------
    order : TimeOrder
        The moments in time order.
    bound : float
        No choice in time order within the budget and the image limit explains more, text included.
    prices : (2,) float array
        Prices of a token and of an image that prove it.
    after : (num_candidates + 1, num_places) float array
        What can be added from there on, at these prices.
    best : list of int
        The best choice that multiples of the prices led to; empty where none fits.
    beyond : list of int
        The choice that was closest to fitting; empty where all fit.
    """

    def __init__(
        self,
        problem: Problem,
        token_price: float,
        image_price: float,
        *,
        times: IntArray | None = None,
        deadline: Deadline = NEVER,
    ) -> None:
        self._problem = problem
        self._deadline = deadline
        self.order = TimeOrder(problem, times)
        limited = problem.image_limit < problem.num_candidates
        self._given: _FloatArray = np.array([token_price, image_price if limited else 0.0])
        # Two rows, by option: tokens, and images.
        self._costs = np.array([problem.option_num_tokens, np.ones(problem.num_options)])
        self.bound = np.inf
        self.prices: _FloatArray = self._given
        self.after: _FloatArray = np.zeros((0, 0))
        self.best: list[int] = []
        self.beyond: list[int] = []
        self._most, self._least_beyond = -1.0, np.inf
        self._look_for_multiple()

    def _look_for_multiple(self) -> None:
        """Look for the multiple of the prices with the least bound.

        The bound is convex in it, and each choice gives a line below the bound: where the lines of
        a choice that takes too much and of one that does not meet is the next multiple to try.
        """
        rising: _Line | None = None
        falling: _Line | None = None
        multiple = 1.0
        for _ in range(_MAX_TRIED):
            if self._deadline.passed():
                return
            line = self._tried(multiple)
            if line.slope >= 0:
                rising = line
            else:
                falling = line
            if line.slope == 0:
                return
            if rising is None:
                multiple *= _STEP
            elif falling is None:
                multiple /= _STEP
            else:
                multiple = (falling.at_zero - rising.at_zero) / (rising.slope - falling.slope)
                if self.bound <= (rising.at_zero + rising.slope * multiple) * (1 + _ROUNDING):
                    return

    def _tried(self, multiple: float) -> _Line:
        """Find the best choice at a multiple of the prices, and its line."""
        costs = multiple * self._given @ self._costs
        after = self.order.after(costs)
        options = self.order.walked(after, costs)
        bound = float(after[0, 0]) + limits_worth(self._problem, multiple * self._given)
        if bound < self.bound:
            self.bound, self.prices, self.after = bound, multiple * self._given, after
        explained = float(after[0, 0] + costs[options].sum())
        self._look_at(options, explained)
        return _Line(explained, (bound - explained) / multiple)

    def _look_at(self, options: list[int], explained: float) -> None:
        """Take note of a choice."""
        tokens = self._problem.option_num_tokens[options].sum()
        fits = tokens <= self._problem.max_picture_tokens
        if not fits or len(options) > self._problem.image_limit:
            if explained < self._least_beyond:
                self._least_beyond, self.beyond = explained, options
        elif options:
            worth = explained + float(text_value(self._problem, tokens))
            if worth > self._most:
                self._most, self.best = worth, options


def limits_worth(problem: Problem, prices: _FloatArray) -> float:
    """Return what the budget, with the best text, and the image limit are worth.

    Parameters
    ----------
    problem : Problem
        The data.
    prices : (2,) float array
        Prices of a token and of an image.
    """
    tokens, values, _ = problem.text_steps
    left = problem.max_prompt_tokens - tokens
    return float((values + prices[0] * left).max() + prices[1] * problem.image_limit)
