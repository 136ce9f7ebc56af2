"""The prompts that may be sent, counted exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError
from budgetfit.problem.building import VALUE_SCALE
from budgetfit.prompts.block_offers import BlockOffer
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, check_worth
from budgetfit.prompts.offered import NUM_CUTS, OfferedPrompts, by_rank
from budgetfit.prompts.sending import SentPrompt
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
    than the longest of what can be kept of them.

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
        What 1000 tokens of a block of priority 1 are worth, where the whole video is worth 1.

    Raises
    ------
    InfeasibleError
        Not even what cannot be cut fits.
    UsageError
        ``text_value_per_1000_tokens`` cannot be used.
    """
    system = _num_system_tokens(system_prompt, tokenizer)
    room = max_prompt_tokens - NUM_TEMPLATE_TOKENS - picture_num_tokens - system
    if room < 0:
        raise _infeasible(picture_num_tokens, system, 0, max_prompt_tokens)
    if isinstance(prompt, str):
        return _offer_text(prompt, system, tokenizer, room)
    check_worth("text_value_per_1000_tokens", text_value_per_1000_tokens)
    offer = BlockOffer(tuple(prompt), system, tokenizer, room)
    value_per_token = text_value_per_1000_tokens / 1000 * VALUE_SCALE
    offered = offer.by_worth(value_per_token) or offer.by_length()
    if offered is None:
        raise _infeasible(picture_num_tokens, system, offer.num_uncut_tokens, max_prompt_tokens)
    return offered


def _num_system_tokens(system_prompt: str | None, tokenizer: RequestTokenizer) -> int:
    # Texts and pictures are encoded apart, so one picture stands for any number of them.
    picture = ImagePart(1, 1)
    with_it = tokenizer.count(Request((picture,), system_prompt))
    return with_it - tokenizer.count(Request((picture,)))


def _infeasible(picture: int, system: int, uncut: int, room: int) -> InfeasibleError:
    required = f", the required text that must not be cut {uncut}" if uncut else ""
    return InfeasibleError(
        f"the smallest useful picture of this video costs {picture} tokens, the template "
        f"{NUM_TEMPLATE_TOKENS}, the system prompt {system}{required}, together "
        f"{picture + NUM_TEMPLATE_TOKENS + system + uncut}, but max_model_len - max_tokens is "
        f"{room}; raise max_model_len, lower max_tokens or shorten the text"
    )


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
            f"the prompt was cut from {full + system} to {num_tokens} tokens, to make room for one "
            "useful picture"
        )
        warnings = () if cut.text == text else (warning,)
        return SentPrompt(cut.text, num_tokens, warnings=warnings)

    return OfferedPrompts(
        tuple(cut.num_tokens + system for cut in cuts), by_rank(len(cuts)), full + system, compose
    )
