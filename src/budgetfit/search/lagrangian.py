"""An upper bound on the objective that needs no solver, proved in exact integer arithmetic.

Write each moment's explanation as an assignment to one chosen option, and dualize three families of
constraints: a moment is assigned once (``mu_t``), the token budget (``lam``) and the image limit
(``gam``). What is left separates by candidate, so for any multipliers >= 0

    L = sum_t mu_t + gam * max_images
        + sum_i max(0, max over options o of i of
                       [ sum_t max(0, value[t, o] - mu_t) - lam * num_tokens[o] - gam ])
        + lam * max_prompt_tokens + max_p (prompt_value[p] - lam * prompt_num_tokens[p])

is at least the optimum (Cornuéjols, Fisher and Nemhauser, 1977, for facility location). Subgradient
steps in floating point look for good multipliers; the bound itself is evaluated for multipliers
rounded to fixed point, in integers, and is therefore a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = [
    "FIXED_POINT",
    "Bound",
    "Multipliers",
    "cannot_improve",
    "lagrangian_bound",
    "minimize_bound",
]

# Token and image prices are multiples of 1/2**20 of a value unit.
FIXED_POINT = 2**20

# Every so many steps of the second half the multipliers are kept for ruling options out.
_TRAIL_STEP = 10

_FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """Prices that certify a bound; all are integers >= 0.

    Attributes
    ----------
    moment : (num_moments,) int64 array
        Price of explaining each moment, in value units.
    token : int
        Price of a token, in value units / ``FIXED_POINT``: the shadow price of the budget.
    image : int
        Price of a picture, in value units / ``FIXED_POINT``.
    """

    moment: IntArray
    token: int
    image: int


def lagrangian_bound(problem: Problem, multipliers: Multipliers) -> int:
    """Return the bound that ``multipliers`` certify, rounded down as the objective is an integer.

    Integers that cannot overflow are used throughout, so it is never below the optimum.
    """
    return _dual(problem, multipliers)[0] // FIXED_POINT


def cannot_improve(
    problem: Problem, multipliers: Multipliers, objective_value: int
) -> npt.NDArray[np.bool_]:
    """Tell which options no solution worth ``objective_value`` or more can contain.

    Forcing an option in replaces its candidate's term of the bound by the option's own reduced
    value, so an option whose forced bound is below the objective is out (reduced-cost fixing).

    Returns
    -------
    (num_options,) bool array
    """
    dual, best, reduced = _dual(problem, multipliers)
    forced_loss = best[problem.option_candidate] - reduced
    return forced_loss > dual - FIXED_POINT * objective_value


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
    images = multipliers.image * problem.image_limit
    moments = FIXED_POINT * int(multipliers.moment.sum())
    return moments + images + int(best.sum()) + prompt, best, reduced


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A proved upper bound and what proves it.

    Attributes
    ----------
    value : int
        No solution is worth more.
    multipliers : Multipliers
        The certificate: ``lagrangian_bound(problem, multipliers) == value``.
    trail : tuple of Multipliers
        Good multipliers met on the way; each rules out other options.
    """

    value: int
    multipliers: Multipliers
    trail: tuple[Multipliers, ...]


def minimize_bound(
    problem: Problem, target: int, *, num_steps: int = 600, stop_at: int | None = None
) -> Bound:
    """Search for multipliers with a small bound.

    Parameters
    ----------
    problem : Problem
        The data.
    target : int
        Objective of a known solution, which the steps aim at.
    num_steps : int
        Subgradient steps.
    stop_at : int, optional
        Stop as soon as the bound is at most this.
    """
    search = _Subgradient(problem, target)
    goal = target if stop_at is None else stop_at
    trail = []
    for step in range(num_steps):
        search.step()
        if search.best_value <= goal:
            break
        if step % _TRAIL_STEP == 0 and 2 * step >= num_steps:
            trail.append(search.multipliers())
    multipliers = search.best_multipliers()
    trail.append(multipliers)
    return Bound(lagrangian_bound(problem, multipliers), multipliers, tuple(trail))


class _Subgradient:
    """Polyak's step towards a known objective, with the scale halved when it stalls."""

    _PATIENCE = 12

    def __init__(self, problem: Problem, target: int) -> None:
        self._problem = problem
        self._values = problem.values.astype(np.float64)
        self._cost = problem.option_num_tokens.astype(np.float64)
        self._starts = problem.candidate_starts
        self._target = float(target)
        self._limits_images = problem.image_limit < problem.num_candidates
        self._prompt_cost = np.array([p.num_tokens for p in problem.prompt_options], np.float64)
        self._prompt_value = np.array([p.value for p in problem.prompt_options], np.float64)
        # Prices are scaled so that a step in each direction changes the bound alike.
        self._token_scale = 1.0 / max(1.0, float(np.median(self._cost)))
        self._moment = self._values.max(axis=1) * 0.5
        self._token = 0.5 * float(self._values.max(axis=1).sum()) / problem.max_prompt_tokens
        self._image = 0.0
        self._scale = 1.0
        self._stalled = 0
        self.best_value = np.inf
        self._best = (self._moment, self._token, self._image)

    def multipliers(self) -> Multipliers:
        return _rounded(self._moment, self._token, self._image)

    def best_multipliers(self) -> Multipliers:
        return _rounded(*self._best)

    def step(self) -> None:
        surplus = np.maximum(self._values - self._moment[:, None], 0.0)
        reduced = surplus.sum(axis=0) - self._token * self._cost - self._image
        chosen = self._chosen(reduced)
        value = self._value(reduced, chosen)
        self._remember(value)
        # Subgradient: 1 - (times a moment is explained), tokens left, images left.
        moment_slope = 1.0 - (surplus[:, chosen] > 0).sum(axis=1)
        prompt = int(np.argmax(self._prompt_value - self._token * self._prompt_cost))
        token_slope = (
            self._problem.max_prompt_tokens
            - self._prompt_cost[prompt]
            - float(self._cost[chosen].sum())
        ) * self._token_scale
        image_slope = float(self._problem.image_limit - len(chosen)) * self._limits_images
        norm = float(moment_slope @ moment_slope) + token_slope**2 + image_slope**2
        if norm == 0.0:
            return
        length = self._scale * (value - self._target) / norm
        self._moment = np.maximum(self._moment - length * moment_slope, 0.0)
        self._token = max(self._token - length * token_slope * self._token_scale, 0.0)
        self._image = max(self._image - length * image_slope, 0.0)

    def _chosen(self, reduced: _FloatArray) -> IntArray:
        """Return each candidate's best option where it is worth its prices."""
        best = np.maximum.reduceat(reduced, self._starts)
        at_best = reduced == np.repeat(best, np.diff([*self._starts, len(reduced)]))
        first = np.flatnonzero(at_best & (reduced > 0))
        _, index = np.unique(self._problem.option_candidate[first], return_index=True)
        chosen: IntArray = first[index]
        return chosen

    def _value(self, reduced: _FloatArray, chosen: IntArray) -> float:
        prompts = self._prompt_value + self._token * (
            self._problem.max_prompt_tokens - self._prompt_cost
        )
        return float(
            self._moment.sum()
            + self._image * self._problem.image_limit
            + reduced[chosen].sum()
            + prompts.max()
        )

    def _remember(self, value: float) -> None:
        if value < self.best_value - 1e-7 * abs(self.best_value):
            self._stalled = 0
        else:
            self._stalled += 1
        if value < self.best_value:
            self.best_value = value
            self._best = (self._moment, self._token, self._image)
        if self._stalled >= self._PATIENCE:
            self._scale *= 0.5
            self._stalled = 0
            self._moment, self._token, self._image = self._best


def _rounded(moment: _FloatArray, token: float, image: float) -> Multipliers:
    return Multipliers(
        moment=np.rint(moment).astype(np.int64),
        token=round(token * FIXED_POINT),
        image=round(image * FIXED_POINT),
    )
