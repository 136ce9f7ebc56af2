"""An upper bound on the objective that needs no solver, proved in exact integer arithmetic.

Write each moment's explanation as an assignment to one chosen option, and dualize three families of
constraints: a moment is assigned once (``mu_t``), the token budget (``lam``), and counts of options
between a least and a most (``nu_k``, of either sign): the number of images is one of them, and each
rule of the problem is another. What is left separates by candidate, so for any ``mu, lam >= 0``

    L = sum_t mu_t + sum_k max(nu_k * least_k, nu_k * most_k)
        + sum_i max(0, max over options o of i of
                       [ sum_t max(0, value[t, o] - mu_t) - lam * num_tokens[o]
                         - sum of nu_k over the counts k that o is in ])
        + lam * max_prompt_tokens + max_p (prompt_value[p] - lam * prompt_num_tokens[p])

is at least the value of every solution within those counts (Cornuejols, Fisher and Nemhauser, 1977,
for facility location). A tile pays its share of the cheapest sheet that holds such tiles,

    kappa_k = min over sheets s of kind k of (lam * num_tokens[s] + nu_images) / num_tiles[s],

which is what dualizing "chosen tiles are places on sheets" leaves when any number of sheets may be
sent. Subgradient steps in floating point (dual_search.py) look for good
multipliers; the bound itself is evaluated for multipliers rounded to fixed point, in integers, and
is therefore a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem, Sheet

__all__ = [
    "FIXED_POINT",
    "Multipliers",
    "cannot_be_sent",
    "cannot_reach",
    "count_limits",
    "lagrangian_bound",
]

# Token and image prices are multiples of 1/2**20 of a value unit.
FIXED_POINT = 2**20


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
    counts : (1 + num_rules,) int64 array
        Price of an image, and of an option that counts for each rule, in value units /
        ``FIXED_POINT``; negative where more are demanded than the budget alone would choose.
    min_images : int
        The bound holds for solutions with at least so many images.
    """

    moment: IntArray
    token: int
    counts: IntArray
    min_images: int = 0

    @property
    def image(self) -> int:
        """Price of an image, in value units / ``FIXED_POINT``."""
        return int(self.counts[0])


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


def cannot_be_sent(
    problem: Problem, multipliers: Multipliers, objective_value: int
) -> npt.NDArray[np.bool_]:
    """Tell which sheets no solution worth ``objective_value`` or more can contain.

    A sheet whose price is above that of its places brings the bound down by the difference.

    Returns
    -------
    (num_sheets,) bool array
    """
    dual = _dual(problem, multipliers)[0]
    place_prices = _place_prices(problem, multipliers)
    excess = np.array(
        [
            _sheet_price(sheet, multipliers) - sheet.num_tiles * place_prices[sheet.tile]
            for sheet in problem.sheets
        ],
        dtype=np.int64,
    )
    out: npt.NDArray[np.bool_] = excess > dual - FIXED_POINT * objective_value
    return out


def _sheet_price(sheet: Sheet, multipliers: Multipliers) -> int:
    return multipliers.token * sheet.num_tokens + multipliers.image


def _place_prices(problem: Problem, multipliers: Multipliers) -> dict[int, int]:
    """Return what a place on a sheet costs at least, for each kind of tile; rounded down."""
    prices: dict[int, int] = {}
    for sheet in problem.sheets:
        price = _sheet_price(sheet, multipliers) // sheet.num_tiles
        prices[sheet.tile] = min(price, prices.get(sheet.tile, price))
    return prices


def _tile_prices(problem: Problem, multipliers: Multipliers) -> IntArray:
    """Return (num_options,) the price of each option's place on a sheet; 0 for pictures.

    A tile that no sheet holds costs nothing here, which keeps the bound valid.
    """
    if problem.option_tile is None:
        return np.zeros(problem.num_options, dtype=np.int64)
    prices = np.zeros(int(problem.option_tile.max(initial=-1)) + 2, dtype=np.int64)
    for tile, price in _place_prices(problem, multipliers).items():
        if tile < len(prices) - 1:
            prices[tile] = price
    # The last place stands for pictures, whose kind is -1.
    return prices[problem.option_tile]


def _dual(problem: Problem, multipliers: Multipliers) -> tuple[int, IntArray, IntArray]:
    """Return L, each candidate's term and each option's reduced value, in fixed point."""
    surplus = np.maximum(problem.values - multipliers.moment[:, None], 0).sum(axis=0)
    least, most, counts = count_limits(problem, multipliers.min_images)
    reduced = (
        FIXED_POINT * surplus
        - multipliers.token * problem.option_num_tokens
        - multipliers.counts @ counts
        - _tile_prices(problem, multipliers)
    )
    best = np.maximum(np.maximum.reduceat(reduced, problem.candidate_starts), 0)
    tokens, values, _ = problem.text_steps
    text = max(
        FIXED_POINT * value + multipliers.token * (problem.max_prompt_tokens - num_tokens)
        for num_tokens, value in zip(tokens.tolist(), values.tolist(), strict=True)
    )
    counted = sum(
        max(price * low, price * high)
        for price, low, high in zip(
            multipliers.counts.tolist(), least.tolist(), most.tolist(), strict=True
        )
    )
    moments = FIXED_POINT * int(multipliers.moment.sum())
    return moments + counted + int(best.sum()) + text, best, reduced


def count_limits(problem: Problem, min_images: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return the least, the most and the options (as 0 and 1) of every count, images first."""
    least, most = problem.rule_limits
    images = np.where(problem.is_tile, 0, 1).astype(np.int64)[None]
    return (
        np.concatenate([[min_images], least]),
        np.concatenate([[max(problem.image_limit, min_images)], most]),
        np.concatenate([images, problem.rule_counts]),
    )
