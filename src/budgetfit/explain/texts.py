"""What was left out of the prompt, and what keeping it would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError
from budgetfit.explain.saying import counted, difference, share
from budgetfit.posing import pose
from budgetfit.problem.validator import evaluate
from budgetfit.search_limits import SearchLimits
from budgetfit.solver import solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.questions import Questions
    from budgetfit.made_from import MadeFrom
    from budgetfit.plans import Plan, PlannedBlock
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.prompts.sending import SentPrompt

__all__ = ["CutText", "WholeText", "explained_prompt"]

_TIME_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class WholeText:
    """The best plan that keeps a text whole.

    Attributes
    ----------
    text_tokens : int
        Prompt tokens of its whole text, system prompt included.
    information : float
        Share of the video that it shows.
    loss : float
        What of the video it shows less than the plan; negative for more.
    """

    text_tokens: int
    information: float
    loss: float


@dataclass(frozen=True, slots=True)
class CutText:
    """A text that was cut or left out.

    Attributes
    ----------
    name : str
        What it is called.
    dropped : str
        What is not sent of it.
    num_tokens, num_tokens_full : int
        Tokens that are sent of it, and all that it has.
    dropped_worth : float or None
        What the dropped tokens were said to be worth, as a share of the video; None where they come
        before all pictures, and where lines of different weights were dropped.
    whole : WholeText or None
        The best plan that keeps it and all required blocks whole; None where none can.
    required_is_cut : bool
        Whether all required blocks together do not fit beside a picture: then the longest part of
        them that does is sent, and nothing else.
    """

    name: str
    dropped: str
    num_tokens: int
    num_tokens_full: int
    dropped_worth: float | None
    whole: WholeText | None
    required_is_cut: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was left out, what it is worth, and what keeping it would cost."""
        dropped = self.num_tokens_full - self.num_tokens
        said = f"{self.name}: {dropped} of {counted(self.num_tokens_full, 'token')} left out"
        if self.dropped_worth is not None:
            said += f", worth {share(self.dropped_worth)} of the video"
        if self.required_is_cut:
            return (
                f"{said}.",
                "All that is required does not fit beside a picture: the longest part of it that "
                "does is sent.",
            )
        if self.whole is None:
            return (f"{said}.", "Whole, it does not fit beside a picture.")
        return (
            f"{said}.",
            f"Kept whole, with {self.whole.text_tokens} tokens of text, the best plan shows "
            f"{share(self.whole.information)}, {difference(self.whole.loss)}.",
        )


def explained_prompt(plan: Plan, made: MadeFrom, questions: Questions) -> tuple[CutText, ...]:
    """Return what was left out of the prompt, text by text; nothing where all is sent."""
    prompt = plan.prompt
    if not prompt.blocks:
        if prompt.num_tokens == prompt.num_tokens_full:
            return ()
        dropped = made.job.prompt_text.removeprefix(prompt.text)
        sizes = prompt.num_tokens, prompt.num_tokens_full
        # It is cut only where it does not fit beside the smallest picture.
        return (CutText("the prompt", dropped, *sizes, None, None, False),)
    return tuple(
        _cut_block(made, questions, index, block)
        for index, block in enumerate(prompt.blocks)
        if block.dropped
    )


def _cut_block(made: MadeFrom, questions: Questions, index: int, block: PlannedBlock) -> CutText:
    sent = made.posed.prompts.sent(made.solution.prompt)
    required_is_cut = _cuts_required(_blocks(made), sent)
    return CutText(
        name=block.name,
        dropped=block.dropped,
        num_tokens=block.num_tokens,
        num_tokens_full=block.num_tokens_full,
        dropped_worth=_worth(made, index, block),
        whole=None if required_is_cut else _whole(made, questions, index),
        required_is_cut=required_is_cut,
    )


def _cuts_required(blocks: Sequence[PromptBlock], prompt: SentPrompt) -> bool:
    sent = prompt.blocks
    return any(block.required and part.dropped for block, part in zip(blocks, sent, strict=True))


def _blocks(made: MadeFrom) -> list[PromptBlock]:
    return [block for block in made.job.prompt if not isinstance(block, str)]


def _worth(made: MadeFrom, index: int, block: PlannedBlock) -> float | None:
    asked = _blocks(made)[index]
    if asked.required or len(set(asked.line_weights or (1.0,))) > 1:
        return None
    weight = asked.priority * (asked.line_weights or (1.0,))[0]
    dropped = block.num_tokens_full - block.num_tokens
    return made.job.text_value_per_1000_tokens / 1000 * weight * dropped


def _whole(made: MadeFrom, questions: Questions, index: int) -> WholeText | None:
    """Return the best plan that keeps a block whole, or None."""
    blocks = _blocks(made)
    blocks[index] = replace(blocks[index], required=True)
    posed = pose(replace(made.job, prompt=tuple(blocks)), made.seen.analysis, made.tokenizer)
    try:
        result = solve(posed.problem, SearchLimits(questions.gap, _TIME_LIMIT_S))
    except InfeasibleError:
        return None
    prompt = result.solution.prompt
    if _cuts_required(blocks, posed.prompts.sent(prompt)):
        return None
    explained = evaluate(questions.problem, questions.solution).explained_value
    return WholeText(
        text_tokens=posed.prompts.num_tokens[prompt],
        information=result.information,
        loss=questions.share(explained - result.explained_value),
    )
