"""An upper bound on the objective that needs no solver, proved in exact integer arithmetic.

Write each moment's explanation as an assignment to one chosen option, and dualize three families of
constraints: a moment is assigned once (``mu_t``), the token budget (``lam``) and the number of
images, at least ``min_images`` and at most ``max_images`` (``gam``, of either sign). What is left
separates by candidate, so for any ``mu, lam >= 0``

    L = sum_t mu_t + max(gam * min_images, gam * max_images)
        + sum_i max(0, max over options o of i of
                       [ sum_t max(0, value[t, o] - mu_t) - lam * num_tokens[o] - gam ])
        + lam * max_prompt_tokens + max_p (prompt_value[p] - lam * prompt_num_tokens[p])

is at least the value of every solution with so many images (Cornuejols, Fisher and Nemhauser, 1977,
for facility location). Subgradient steps in floating point look for good multipliers; the bound
itself is evaluated for multipliers rounded to fixed point, in integers, and is therefore a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import coverage

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution

__all__ = ["FIXED_POINT", "DualSearch", "Multipliers", "cannot_reach", "lagrangian_bound"]

# Token and image prices are multiples of 1/2**20 of a value unit.
FIXED_POINT = 2**20

_FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """Prices that certify a bound, in integers.

    Attributes
    ----------
    moment : (num_moments,) int64 array
        Price of explaining each moment, in value units; not negative.
    token : int
        Price of a token, in value units / ``FIXED_POINT``: the shadow price of the budget; not
        negative.
    image : int
        Price of an image, in value units / ``FIXED_POINT``; negative where more images than the
        budget alone would choose are demanded.
    min_images : int
        The bound holds for solutions with at least so many images.
    """

    moment: IntArray
    token: int
    image: int
    min_images: int = 0


def lagrangian_bound(problem: Problem, multipliers: Multipliers) -> int:
    """Return the bound that ``multipliers`` certify, rounded down as the objective is an integer.

    Integers that cannot overflow are used throughout, so no solution with at least
    ``multipliers.min_images`` images is worth more.
    """
    return _dual(problem, multipliers)[0] // FIXED_POINT


def cannot_reach(
    problem: Problem, multipliers: Multipliers, objective_value: int
) -> npt.NDArray[np.bool_]:
    """Tell which options no solution worth ``objective_value`` or more can contain.

    Forcing an option in replaces its candidate's term of the bound by the option's own reduced
    value, so an option whose forced bound is below the objective is out (reduced-cost fixing).
    Like the bound, this speaks of solutions with at least ``multipliers.min_images`` images.

    Returns
    -------
    (num_options,) bool array
    """
    dual, best, reduced = _dual(problem, multipliers)
    forced_loss = best[problem.option_candidate] - reduced
    out: npt.NDArray[np.bool_] = forced_loss > dual - FIXED_POINT * objective_value
    return out


def _dual(problem: Problem, multipliers: Multipliers) -> tuple[int, IntArray, IntArray]:
    """Return L, each candidate's term and each option's reduced value, in fixed point."""
    surplus = np.maximum(problem.values - multipliers.moment[:, None], 0).sum(axis=0)
    reduced = (
        FIXED_POINT * surplus - multipliers.token * problem.option_num_tokens - multipliers.image
    )
    best = np.maximum(np.maximum.reduceat(reduced, problem.candidate_starts), 0)
    prompt = max(
        FIXED_POINT * option.value
        + multipliers.token * (problem.max_prompt_tokens - option.num_tokens)
        for option in problem.prompt_options
    )
    images = max(
        multipliers.image * problem.image_limit, multipliers.image * multipliers.min_images
    )
    moments = FIXED_POINT * int(multipliers.moment.sum())
    return moments + images + int(best.sum()) + prompt, best, reduced


class DualSearch:
    """Looks for multipliers with a small bound by deflected subgradient steps (Polyak's length).

    It starts where the known solution suggests: a moment's price is most of what explains it now.
    The steps' scales were measured on real clips: with them a hundred steps come within a tenth of
    a per cent of the linear relaxation, where steps of equal scale need thousands.

    Parameters
    ----------
    problem : Problem
        The data.
    known : Solution
        A good solution.
    min_images : int
        Bound only the solutions with at least so many images.
    """

    _PATIENCE = 8
    _DEFLECTION = 0.5
    _TOKEN_SCALE = 0.1
    _IMAGE_SCALE = 0.05

    def __init__(self, problem: Problem, known: Solution, min_images: int = 0) -> None:
        explained = coverage(problem, known.options).astype(np.float32)
        num_images = max(len(known.options), min_images)
        spread = problem.num_moments / num_images
        self._min_images = min_images
        self._max_prompt_tokens = problem.max_prompt_tokens
        self._token_scale = self._TOKEN_SCALE * spread * num_images / problem.max_prompt_tokens
        self._prompt_cost = np.array([p.num_tokens for p in problem.prompt_options], np.float64)
        self._prompt_value = np.array([p.value for p in problem.prompt_options], np.float64)
        self._moment = 0.8 * explained
        self._token = 0.2 * float(explained.sum()) / problem.max_prompt_tokens
        self._image = 0.0
        self._scale = 1.0
        self._stalled = 0
        self._momentum: tuple[_FloatArray, float, float] = (np.zeros_like(explained), 0.0, 0.0)
        self.best_value = np.inf
        self._best = (self._moment, self._token, self._image)
        self._image_scale = 0.0
        self._spread = spread
        self.use(problem)

    def use(self, problem: Problem) -> None:
        """Go on with ``problem``, the same but for options that were left out."""
        self._problem = problem
        self._values = problem.values.astype(np.float32)
        self._cost = problem.option_num_tokens.astype(np.float32)
        limited = problem.image_limit < problem.num_candidates or self._min_images > 0
        self._image_scale = self._IMAGE_SCALE * self._spread if limited else 0.0
        # The bound of the smaller problem is another function; only its own values compare.
        self.best_value = np.inf
        self._stalled = 0

    def run(self, num_steps: int, target: int, stop_at: int) -> None:
        """Take steps aimed at ``target`` until the bound is about ``stop_at``."""
        for _ in range(num_steps):
            self._step(float(target))
            if self.best_value <= stop_at:
                return

    def best_multipliers(self) -> Multipliers:
        """Return the multipliers of the smallest bound so far."""
        moment, token, image = self._best
        return Multipliers(
            moment=np.rint(moment).astype(np.int64),
            token=round(token * FIXED_POINT),
            image=round(image * FIXED_POINT),
            min_images=self._min_images,
        )

    def _step(self, target: float) -> None:
        surplus = np.maximum(self._values - self._moment[:, None], np.float32(0))
        reduced = surplus.sum(axis=0) - np.float32(self._token) * self._cost
        reduced -= np.float32(self._image)
        chosen = self._chosen(reduced)
        value = self._value(reduced, chosen)
        if self._remember(value):
            return
        moment, token, image = self._momentum
        # Subgradient: 1 - (times a moment is explained), tokens left, images left.
        moment = (
            1.0
            - (surplus[:, chosen] > 0).sum(axis=1, dtype=np.float32)
            + (self._DEFLECTION * moment)
        )
        token = self._tokens_left(chosen) * self._token_scale + self._DEFLECTION * token
        image = self._images_left(len(chosen)) * self._image_scale + self._DEFLECTION * image
        self._momentum = (moment, token, image)
        norm = float(moment @ moment) + token**2 + image**2
        if norm == 0.0:
            return
        length = self._scale * (value - target) / norm
        self._moment = np.maximum(self._moment - np.float32(length) * moment, np.float32(0))
        self._token = max(self._token - length * token * self._token_scale, 0.0)
        self._image -= length * image * self._image_scale
        if self._min_images == 0:
            self._image = max(self._image, 0.0)

    def _chosen(self, reduced: _FloatArray) -> IntArray:
        """Return each candidate's best option where it is worth its prices."""
        starts = self._problem.candidate_starts
        best = np.maximum.reduceat(reduced, starts)
        at_best = reduced == np.repeat(best, np.diff(starts, append=len(reduced)))
        first = np.flatnonzero(at_best & (reduced > 0))
        _, index = np.unique(self._problem.option_candidate[first], return_index=True)
        chosen: IntArray = first[index]
        return chosen

    def _tokens_left(self, chosen: IntArray) -> float:
        prompt = int(np.argmax(self._prompt_value - self._token * self._prompt_cost))
        used = float(self._cost[chosen].sum()) + self._prompt_cost[prompt]
        return float(self._max_prompt_tokens - used)

    def _images_left(self, num_images: int) -> float:
        limit = self._problem.image_limit if self._image >= 0 else self._min_images
        if self._image == 0 and num_images < self._min_images:
            limit = self._min_images
        return float(limit - num_images)

    def _value(self, reduced: _FloatArray, chosen: IntArray) -> float:
        prompts = self._prompt_value + self._token * (self._max_prompt_tokens - self._prompt_cost)
        images = max(self._image * self._problem.image_limit, self._image * self._min_images)
        return float(
            self._moment.sum(dtype=np.float64)
            + images
            + reduced[chosen].sum(dtype=np.float64)
            + prompts.max()
        )

    def _remember(self, value: float) -> bool:
        """Keep the best multipliers; return whether the steps fell back to them."""
        self._stalled = 0 if value < self.best_value * (1 - 1e-7) else self._stalled + 1
        if value < self.best_value:
            self.best_value = value
            self._best = (self._moment, self._token, self._image)
        if self._stalled < self._PATIENCE:
            return False
        self._scale *= 0.5
        self._stalled = 0
        self._moment, self._token, self._image = self._best
        self._momentum = (np.zeros_like(self._moment), 0.0, 0.0)
        return True
