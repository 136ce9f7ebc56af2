"""The prompts that may be sent, counted exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.problem.building import VALUE_SCALE
from budgetfit.prompts.block_offers import BlockOffer
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE
from budgetfit.prompts.offered import NUM_CUTS, OfferedPrompts, by_rank, only
from budgetfit.prompts.sending import SentPrompt
from budgetfit.tokens.images import num_image_tokens
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS
from budgetfit.tokens.request import ImagePart, Request
from budgetfit.tokens.truncation import prompt_cuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["offer_prompts"]


def offer_prompts(
    prompt: str | Sequence[PromptBlock],
    system_prompt: str | None,
    tokenizer: RequestTokenizer,
    *,
    max_prompt_tokens: int,
    picture_num_tokens: int,
    text_value_per_1000_tokens: float = DEFAULT_TEXT_VALUE,
) -> OfferedPrompts:
    """Return every prompt worth sending that fits beside one useful picture.

    A text and required blocks are kept whole. Where that is impossible, nothing else is offered
    than the longest of what can be kept of them. Where not even what cannot be cut fits, that is
    offered: the solver then finds that nothing fits, and can say why.

    Parameters
    ----------
    prompt : str or sequence of PromptBlock
        The user's text.
    system_prompt : str or None
        Sent before it, never cut.
    tokenizer : RequestTokenizer
        Counts.
    max_prompt_tokens : int
        Tokens that the whole request may have.
    picture_num_tokens : int
        Tokens of the smallest useful picture.
    text_value_per_1000_tokens : float
        What 1000 tokens of a block of priority 1 are worth, where the whole video is worth 1; at
        least 0.

    Raises
    ------
    UsageError
        A text cannot be encoded, or the blocks are worth more than the solver's numbers can hold.
    """
    system = _num_system_tokens(system_prompt, tokenizer)
    room = max_prompt_tokens - NUM_TEMPLATE_TOKENS - picture_num_tokens - system
    if isinstance(prompt, str):
        if room < 0:
            return only(SentPrompt("", system), system + tokenizer.count_text(prompt))
        return _offer_text(prompt, system, tokenizer, room)
    offer = BlockOffer(tuple(prompt), system, tokenizer, max(room, 0))
    if room < 0:
        return offer.uncut()
    value_per_token = text_value_per_1000_tokens / 1000 * VALUE_SCALE
    return offer.by_worth(value_per_token) or offer.by_length() or offer.uncut()


def _num_system_tokens(system_prompt: str | None, tokenizer: RequestTokenizer) -> int:
    """Tokens of all that stands before the content: the system prompt, the model's settings."""
    # Texts and pictures are encoded apart, so one picture stands for any number of them.
    picture = ImagePart(1, 1)
    without = num_image_tokens(picture.width, picture.height, tokenizer.profile)
    return tokenizer.count(Request((picture,), system_prompt)) - NUM_TEMPLATE_TOKENS - without


def _offer_text(text: str, system: int, tokenizer: RequestTokenizer, room: int) -> OfferedPrompts:
    cuts = prompt_cuts(text, room, tokenizer, limit=NUM_CUTS)
    if cuts[0].text == text:
        cuts = cuts[:1]
        full = cuts[0].num_tokens
    else:
        full = tokenizer.count_text(text)

    def compose(index: int) -> SentPrompt:
        cut = cuts[index]
        num_tokens = cut.num_tokens + system
        warning = (
            f"the prompt was cut from {full + system} to {num_tokens} tokens, to make room for "
            "pictures"
        )
        warnings = () if cut.text == text else (warning,)
        return SentPrompt(cut.text, num_tokens, warnings=warnings)

    return OfferedPrompts(
        tuple(cut.num_tokens + system for cut in cuts), by_rank(len(cuts)), full + system, compose
    )
