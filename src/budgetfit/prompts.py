"""The lengths of a prompt that may be sent, counted exactly."""

from __future__ import annotations

from dataclasses import dataclass

from budgetfit.errors import InfeasibleError
from budgetfit.problem.building import VALUE_SCALE
from budgetfit.problem.problem import PromptOption
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS, RequestTokenizer
from budgetfit.tokens.truncation import prompt_cuts

__all__ = ["OfferedPrompts", "OfferedText", "offer_prompts"]

# How many beginnings of a prompt that is too long are offered.
_NUM_CUTS = 8


@dataclass(frozen=True, slots=True)
class OfferedText:
    """A text that may be sent.

    Attributes
    ----------
    text : str
        The prompt or a beginning of it.
    num_tokens : int
        Tokens of the request without its pictures and its template, system prompt included.
    """

    text: str
    num_tokens: int


@dataclass(frozen=True, slots=True)
class OfferedPrompts:
    """What the solver may choose from.

    Attributes
    ----------
    texts : tuple of OfferedText
        Longest first.
    num_tokens_full : int
        Tokens of the whole prompt, counted as those of ``texts``.
    """

    texts: tuple[OfferedText, ...]
    num_tokens_full: int

    def options(self) -> tuple[PromptOption, ...]:
        """Return the texts for the solver.

        A longer text is worth more than all that pictures can show, so words are dropped only
        where they must be.
        """
        longest = len(self.texts) - 1
        return tuple(
            PromptOption(
                num_tokens=offered.num_tokens + NUM_TEMPLATE_TOKENS,
                value=(longest - index) * (VALUE_SCALE + 1),
            )
            for index, offered in enumerate(self.texts)
        )


def offer_prompts(
    text: str,
    system_prompt: str | None,
    tokenizer: RequestTokenizer,
    *,
    max_prompt_tokens: int,
    picture_num_tokens: int,
) -> OfferedPrompts:
    """Return the whole prompt, or the longest beginnings that fit beside one useful picture.

    Parameters
    ----------
    text, system_prompt : str
        The user's text and what is sent before it, never cut.
    tokenizer : RequestTokenizer
        Counts.
    max_prompt_tokens : int
        Tokens that the whole request may have.
    picture_num_tokens : int
        Tokens of the smallest useful picture.

    Raises
    ------
    InfeasibleError
        Not even an empty prompt fits.
    """

    def count(prompt: str) -> int:
        # Texts and pictures are encoded apart, so one picture stands for any number of them.
        picture = ImagePart(1, 1)
        whole = tokenizer.count(Request((picture, TextPart(prompt)), system_prompt))
        return whole - tokenizer.count(Request((picture,)))

    full = count(text)
    left = max_prompt_tokens - NUM_TEMPLATE_TOKENS - picture_num_tokens
    if full <= left:
        return OfferedPrompts((OfferedText(text, full),), full)
    fixed = count("")
    if fixed > left:
        raise InfeasibleError(
            f"the smallest useful picture of this video costs {picture_num_tokens} tokens, the "
            f"template {NUM_TEMPLATE_TOKENS} and the system prompt {fixed}, together "
            f"{picture_num_tokens + NUM_TEMPLATE_TOKENS + fixed}, but max_model_len - max_tokens "
            f"is {max_prompt_tokens}; raise max_model_len, lower max_tokens or shorten the system "
            "prompt"
        )
    cuts = prompt_cuts(text, left - fixed, tokenizer, limit=_NUM_CUTS)
    return OfferedPrompts(tuple(OfferedText(cut.text, count(cut.text)) for cut in cuts), full)
