"""What tokens and image slots are worth: prices that a bound proves.

The multipliers of the Lagrangian bound (:mod:`budgetfit.search.lagrangian`) are prices. The bound L
is linear in the limits, and holds for any of them: the best plan's worth V is

    V(B + d) <= L + lambda * d        V(K + d) <= L + gamma * d

for every change d of the tokens B or of the images K, up or down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.problem.restriction import restrict
from budgetfit.search.dual_search import DualSearch
from budgetfit.search.lagrangian import FIXED_POINT, lagrangian_bound

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.lagrangian import Multipliers

__all__ = ["Prices", "prices_of"]

# On real clips the bound is then as low as it gets, but for a few hundredths of a per cent.
_NUM_STEPS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Prices of a problem's limits.

    Attributes
    ----------
    multipliers : Multipliers
        Of its Lagrangian bound.
    """

    multipliers: Multipliers

    @property
    def token(self) -> float:
        """What another token brings at most beyond the bound, in the unit of the values."""
        return self.multipliers.token / FIXED_POINT

    @property
    def image(self) -> float:
        """What another image brings at most beyond the bound, in the unit of the values."""
        return self.multipliers.image / FIXED_POINT

    def bound(self, problem: Problem) -> int:
        """Return what the prices prove: no solution is worth more.

        Parameters
        ----------
        problem : Problem
            The one that the prices are of, with any limits of tokens and images.
        """
        return lagrangian_bound(problem, self.multipliers)

    def bound_without(self, problem: Problem, candidate: int) -> int | None:
        """Return what the prices prove where a candidate's frame may not be shown.

        None where it is the only candidate.
        """
        keep = problem.option_candidate != candidate
        return self.bound(restrict(problem, keep).problem) if keep.any() else None


def prices_of(problem: Problem, solution: Solution, worth: int) -> Prices:
    """Return prices with a small bound.

    Parameters
    ----------
    problem : Problem
        The data.
    solution : Solution
        A good solution.
    worth : int
        Its objective.
    """
    search = DualSearch(problem, solution)
    search.run(_NUM_STEPS, worth, stop_at=worth)
    return Prices(search.best_multipliers())
