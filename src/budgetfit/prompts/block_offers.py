"""The prompts that blocks can make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.problem.building import VALUE_SCALE
from budgetfit.prompts.frontier import Frontier
from budgetfit.prompts.offered import NUM_CUTS, OfferedPrompts, by_rank, only
from budgetfit.prompts.parts import make_part
from budgetfit.prompts.sending import PlannedBlock, SentPrompt
from budgetfit.tokens.layout import BLANK_LINE

if TYPE_CHECKING:
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.prompts.parts import Part
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["BlockOffer"]

# Texts worth more would leave the 42 bits that Problem has for values.
_MAX_TEXT_VALUE = 10_000


class BlockOffer:
    """The prompts that blocks can make.

    Parameters
    ----------
    blocks : tuple of PromptBlock
        In the order sent.
    system : int
        Tokens of the system prompt.
    tokenizer : RequestTokenizer
        Counts.
    room : int
        Tokens that all blocks together may have; at least 0.

    Raises
    ------
    UsageError
        A text cannot be encoded; ``UnsupportedRequestError`` where the tokens of joined texts do
        not add up with this tokenizer.
    """

    def __init__(
        self,
        blocks: tuple[PromptBlock, ...],
        system: int,
        tokenizer: RequestTokenizer,
        room: int,
    ) -> None:
        if not tokenizer.splits_as_tekken:
            raise UnsupportedRequestError(
                f"a prompt of {len(blocks)} blocks cannot be counted exactly with "
                f"{tokenizer.profile.tokenizer_file}, which does not split texts as tekken does; "
                "give the prompt as one str"
            )
        self._blocks = blocks
        self._system = system
        self._tokenizer = tokenizer
        self._room = room
        whole = BLANK_LINE.join(block.text for block in blocks if block.text)
        self._num_tokens_full = system + tokenizer.count_text(whole)
        self._num_tokens = [tokenizer.count_text(block.text) for block in blocks]

    def by_worth(self, value_per_token: float) -> OfferedPrompts | None:
        """Return prompts with all required blocks whole; None where these do not fit."""
        self._check_value(value_per_token)
        parts = {
            index: make_part(
                block,
                self._tokenizer,
                value_per_token=0.0 if block.required else value_per_token * block.priority,
                max_num_tokens=self._room,
                may_cut=not block.required,
                may_drop=not block.required,
            )
            for index, block in enumerate(self._blocks)
            if block.text
        }
        frontier = _frontier(parts, self._room)
        count = len(frontier.values)
        values = tuple(frontier.values[::-1].tolist())
        reason = "to make room for pictures"
        return self._offered(parts, frontier, values, reason) if count else None

    def by_length(self) -> OfferedPrompts | None:
        """Return the longest that can be kept of required blocks; None where nothing fits."""
        parts = {
            index: make_part(
                block,
                self._tokenizer,
                value_per_token=1.0,
                max_num_tokens=self._room,
                may_cut=True,
                may_drop=block.cut != "none",
            )
            for index, block in enumerate(self._blocks)
            if block.text and block.required
        }
        frontier = _frontier(parts, self._room)
        count = min(len(frontier.values), NUM_CUTS)
        reason = "to make room for pictures"
        return self._offered(parts, frontier, by_rank(count), reason) if count else None

    def uncut(self) -> OfferedPrompts:
        """Return only the required blocks that must not be cut, whether they fit or not."""
        texts = [b.text for b in self._blocks if b.required and b.cut == "none" and b.text]
        text = BLANK_LINE.join(texts)
        num_tokens = self._system + self._tokenizer.count_text(text)
        return only(SentPrompt(text, num_tokens), self._num_tokens_full)

    def _check_value(self, value_per_token: float) -> None:
        worth = sum(
            num_tokens * value_per_token * block.priority * max(block.line_weights or (1.0,))
            for block, num_tokens in zip(self._blocks, self._num_tokens, strict=True)
            if not block.required
        )
        if worth > _MAX_TEXT_VALUE * VALUE_SCALE:
            raise UsageError(
                f"the prompt's blocks are worth {worth / VALUE_SCALE:.4g} times the whole video, "
                f"more than {_MAX_TEXT_VALUE} times; lower text_value_per_1000_tokens or a "
                "priority, or make a block required"
            )

    def _offered(
        self, parts: dict[int, Part], frontier: Frontier, values: tuple[int, ...], reason: str
    ) -> OfferedPrompts:
        """Return as many of the frontier's last steps as there are values, longest first."""
        steps = range(len(frontier.values) - 1, len(frontier.values) - 1 - len(values), -1)

        def compose(index: int) -> SentPrompt:
            step = steps[index]
            return self._composed(
                parts, frontier.moves_of(step), int(frontier.num_tokens[step]), reason
            )

        num_tokens = tuple(int(frontier.num_tokens[step]) + self._system for step in steps)
        return OfferedPrompts(num_tokens, values, self._num_tokens_full, compose)

    def _composed(
        self, parts: dict[int, Part], moves: list[int], num_tokens: int, reason: str
    ) -> SentPrompt:
        blocks: list[PlannedBlock] = []
        for index, block in enumerate(self._blocks):
            kept, dropped = "", block.text
            if index in parts:
                num_stages = len(parts[index].stages)
                kept, dropped = parts[index].kept(moves[:num_stages])
                moves = moves[num_stages:]
            name = block.name or f"block {index + 1} of the prompt"
            num_kept = self._tokenizer.count_text(kept)
            blocks.append(PlannedBlock(name, kept, dropped, num_kept, self._num_tokens[index]))
        return SentPrompt(
            BLANK_LINE.join(block.text for block in blocks if block.text),
            num_tokens + self._system,
            tuple(blocks),
            tuple(filter(None, (block.warning(reason) for block in blocks))),
        )


def _frontier(parts: dict[int, Part], room: int) -> Frontier:
    return Frontier([stage for part in parts.values() for stage in part.stages], room)
