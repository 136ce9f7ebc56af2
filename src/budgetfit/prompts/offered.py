"""What the solver may choose from, and the prompt behind each choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.problem.building import VALUE_SCALE
from budgetfit.problem.problem import PromptOption
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetfit.prompts.sending import SentPrompt

__all__ = ["NUM_CUTS", "OfferedPrompts", "by_rank", "only"]

# How many beginnings of a prompt that is too long are offered.
NUM_CUTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class OfferedPrompts:
    """What the solver may choose from.

    Attributes
    ----------
    num_tokens : tuple of int
        Tokens of each prompt: those of the request without its pictures and its template, system
        prompt included.
    values : tuple of int
        What each is worth, in the unit of ``Problem.values``.
    num_tokens_full : int
        Tokens of the whole prompt, counted as ``num_tokens``.
    compose : callable
        Makes the prompt of an index.
    """

    num_tokens: tuple[int, ...]
    values: tuple[int, ...]
    num_tokens_full: int
    compose: Callable[[int], SentPrompt]

    def options(self) -> tuple[PromptOption, ...]:
        """Return the prompts for the solver."""
        return tuple(
            PromptOption(num_tokens + NUM_TEMPLATE_TOKENS, value)
            for num_tokens, value in zip(self.num_tokens, self.values, strict=True)
        )

    def sent(self, index: int) -> SentPrompt:
        """Return the prompt that ``options()[index]`` stands for."""
        return self.compose(index)


def only(prompt: SentPrompt, num_tokens_full: int) -> OfferedPrompts:
    """Return an offer of one prompt."""
    return OfferedPrompts((prompt.num_tokens,), (0,), num_tokens_full, lambda _: prompt)


def by_rank(count: int) -> tuple[int, ...]:
    """Return worths, greatest first, that differ by more than all that pictures can show."""
    return tuple(rank * (VALUE_SCALE + 1) for rank in reversed(range(count)))
