"""The plans of a fleet and what is proved about all of them together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.errors import BudgetfitError
    from budgetfit.fleet.dividing import Objective
    from budgetfit.plans import Plan

__all__ = ["FleetPlan"]


@dataclass(frozen=True)
class FleetPlan:
    """One plan for each video that is served, within one number of tokens.

    Attributes
    ----------
    plans : tuple of (Plan or None)
        In the order of the jobs; None for one that is not served. A plan's own limit is what it
        has: ``limits.max_prompt_tokens`` is its ``num_tokens``, and its gap says how much more so
        many tokens could show of its video.
    errors : mapping of int to BudgetfitError
        Why each of the others is not served, by index: its video cannot be read, or not even its
        cheapest request fits.
    total_tokens : int
        Prompt tokens that all requests together may have.
    objective : str
        ``"total"`` or ``"worst"``.
    information : float
        Of the objective: the sum over the videos of weight times information, or the least
        information of any. Where blocks of text compete with pictures, what is sent of them counts
        as in planning one video.
    best_bound : float
        Proved upper bound on it over all ways to divide the tokens that serve the same jobs and
        give no class more tokens than were left to it.
    price : float
        What 100 tokens more would add to the objective at the margin; 0 where all show what they
        can. Where there are several priorities, in the lowest.
    """

    plans: tuple[Plan | None, ...]
    errors: Mapping[int, BudgetfitError]
    total_tokens: int
    objective: Objective
    information: float
    best_bound: float
    price: float

    @property
    def num_tokens(self) -> int:
        """Exact prompt tokens of all requests together, text and template included."""
        return sum(plan.num_tokens for plan in self.plans if plan is not None)

    @property
    def gap(self) -> float:
        """``(best_bound - information) / best_bound``; 0 where there is nothing to show."""
        if not self.best_bound:
            return 0.0
        return (self.best_bound - self.information) / self.best_bound

    def to_dict(self) -> dict[str, Any]:
        """Return the fleet as plain data, its plans as ``Plan.to_dict``."""
        return {
            "total_tokens": self.total_tokens,
            "num_tokens": self.num_tokens,
            "objective": self.objective,
            "information": self.information,
            "best_bound": self.best_bound,
            "gap": self.gap,
            "price": self.price,
            "plans": [None if plan is None else plan.to_dict() for plan in self.plans],
            "errors": {str(index): str(error) for index, error in self.errors.items()},
        }

    def __str__(self) -> str:
        served = sum(plan is not None for plan in self.plans)
        what = "information in all" if self.objective == "total" else "information at the least"
        sentences = [
            f"{served} of {len(self.plans)} videos have {self.num_tokens} of {self.total_tokens} "
            f"prompt tokens.",
            f"They show {self.information:.3f} {what}, proved within {self.gap:.2%} of the best; "
            f"100 tokens more would add about {self.price:.4f}.",
        ]
        reasons = Counter(type(error).__name__ for error in self.errors.values())
        if reasons:
            named = ", ".join(f"{number} {name}" for name, number in sorted(reasons.items()))
            sentences.append(f"Not served: {named}.")
        return " ".join(sentences)
