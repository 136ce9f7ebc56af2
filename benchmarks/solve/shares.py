"""What a problem is built from, in shares between 0 and 1; no pictures any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.problem.building import build_problem
from budgetfit.problem.problem import PromptOption

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from budgetfit.problem.aspects import Aspect
    from budgetfit.problem.problem import Problem

__all__ = ["PROMPT_NUM_TOKENS", "Shares"]

PROMPT_NUM_TOKENS = 7
"""A short prompt with its template."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What an analysis says, as far as a problem needs it.

    Attributes
    ----------
    aspects : tuple of Aspect
        What there is to see, without tiles.
    level_num_tokens : (num_levels,) int array
        Tokens of a picture at each level.
    """

    aspects: tuple[Aspect, ...]
    level_num_tokens: npt.NDArray[np.int64]

    @property
    def num_candidates(self) -> int:
        """Number of candidates; fewer than asked for where the clip has fewer frames."""
        return len(self.aspects[0].fidelity)

    def problem(self, max_prompt_tokens: int, max_images: int | None) -> Problem:
        """Return the problem within these limits, beside a prompt of ``PROMPT_NUM_TOKENS``."""
        return build_problem(
            self.aspects,
            self.level_num_tokens,
            prompt_options=(PromptOption(PROMPT_NUM_TOKENS),),
            max_prompt_tokens=max_prompt_tokens,
            max_images=max_images,
        )
