"""Limits of a request, and the largest equal pictures that keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.tokens.images import ImageGrid

__all__ = ["IMAGE_LIMITS", "PROMPT_NUM_TOKENS", "ROOMS", "Limits", "largest_equal", "most_images"]

ROOMS = (800, 1200, 3796)
"""``max_model_len - max_tokens``; 3796 is what Cosmos-Transfer1 leaves for a prompt."""

IMAGE_LIMITS = (2, 8, None)

PROMPT_NUM_TOKENS = 7
"""Template and the profile's default prompt; a test counts them."""


class Limits(NamedTuple):
    """What a request may have.

    Attributes
    ----------
    max_prompt_tokens : int
        Tokens of the whole request.
    max_images : int or None
        Pictures; None where only the tokens limit them.
    """

    max_prompt_tokens: int
    max_images: int | None

    @property
    def max_picture_tokens(self) -> int:
        """Tokens that pictures may have beside template and prompt."""
        return self.max_prompt_tokens - PROMPT_NUM_TOKENS

    def allow(self, num_images: int) -> bool:
        """Whether so many pictures may be sent, their tokens aside."""
        return self.max_images is None or num_images <= self.max_images


def largest_equal(num_images: int, limits: Limits, levels: Sequence[ImageGrid]) -> ImageGrid | None:
    """Return the largest of ``levels`` at which so many equal pictures fit; None if none does."""
    if num_images < 1 or not limits.allow(num_images):
        return None
    fitting = [
        level for level in levels if level.num_tokens * num_images <= limits.max_picture_tokens
    ]
    return max(fitting, key=lambda level: level.num_tokens, default=None)


def most_images(limits: Limits, levels: Sequence[ImageGrid]) -> int:
    """Return how many pictures fit at the smallest of ``levels``."""
    fitting = limits.max_picture_tokens // min(level.num_tokens for level in levels)
    return fitting if limits.max_images is None else min(fitting, limits.max_images)
