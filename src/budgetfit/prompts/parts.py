"""Blocks as stages of the frontier: what may be kept of each, and what that costs and is worth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from budgetfit.prompts.frontier import Move
from budgetfit.tokens.joining import (
    LINE_BREAK,
    Following,
    PrefixCounter,
    beginning,
    is_open,
    num_joined_tokens,
    seen_before,
)
from budgetfit.tokens.layout import BLANK_LINE
from budgetfit.tokens.sentences import sentence_ends
from budgetfit.tokens.truncation import word_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.prompts.frontier import Stage
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["Part", "make_part"]

_INSIDE = Following(LINE_BREAK, "")
_KEEP = 0  # the first of a line's two moves
_ENDS = {"word": word_ends, "sentence": sentence_ends}


class Part(Protocol):
    """A block as stages, and back."""

    @property
    def stages(self) -> Sequence[Stage]:
        """In the order of the text."""

    def kept(self, moves: Sequence[int]) -> tuple[str, str]:
        """Return what is kept and what is dropped by one move of each stage."""


def make_part(
    block: PromptBlock,
    tokenizer: RequestTokenizer,
    *,
    value_per_token: float,
    max_num_tokens: int,
    may_cut: bool,
    may_drop: bool,
) -> Part:
    """Return the stages of a block.

    Parameters
    ----------
    block : PromptBlock
        Its text is not empty.
    tokenizer : RequestTokenizer
        Counts.
    value_per_token : float
        In the unit of ``Problem.values``.
    max_num_tokens : int
        What is kept cannot have more tokens.
    may_cut, may_drop : bool
        Whether a part or nothing of it may be kept; else the whole block is.

    Raises
    ------
    UsageError
        The text cannot be encoded.
    """
    if may_cut and may_drop and block.cut == "line":
        return _LinesPart(_lines(block, tokenizer, value_per_token))
    if is_open(block.text):
        # What stands before it can take away the tokens of its beginning.
        max_num_tokens += len(beginning(block.text).encode())
    counter = PrefixCounter(block.text, tokenizer, max_num_tokens)
    ends: list[int] = []
    if may_cut and block.cut in _ENDS:
        ends = counter.spaced(_ENDS[block.cut](block.text, counter.stop))
    ends += [len(block.text)] if len(block.text) < counter.stop else []
    values = [round(value_per_token * counter.count(end)) for end in ends]
    return _PrefixPart(block.text, counter, ends, values, may_drop)


@dataclass(frozen=True, slots=True, eq=False)
class _PrefixPart:
    """A block of which a beginning is kept; a single stage."""

    text: str
    counter: PrefixCounter
    ends: list[int]
    values: list[int]
    may_drop: bool

    @property
    def stages(self) -> Sequence[Stage]:
        return (self,)

    def moves(self, following: Following) -> Sequence[Move]:
        """Return: nothing, where that is allowed, then longer and longer beginnings."""
        moves = [Move(0, 0, following)] if self.may_drop else []
        # All beginnings with a letter or a digit begin alike.
        alike = beginning(self.text)
        target = seen_before(alike, following, BLANK_LINE)
        for end, value in zip(self.ends, self.values, strict=True):
            seen = target
            if end < len(alike):
                seen = seen_before(self.text[:end], following, BLANK_LINE)
            moves.append(Move(self.counter.count(end, following), value, seen))
        return moves

    def kept(self, moves: Sequence[int]) -> tuple[str, str]:
        """Return the beginning and the rest."""
        index = moves[0] - self.may_drop
        end = self.ends[index] if index >= 0 else 0
        return self.text[:end], self.text[end:]


@dataclass(frozen=True, slots=True, eq=False)
class _LinesPart:
    """A block of which any lines are kept; one stage a line."""

    stages: Sequence[_Line]

    def kept(self, moves: Sequence[int]) -> tuple[str, str]:
        """Return the lines kept and those dropped."""
        kept = [move == _KEEP for move in moves]
        if any(kept):
            self._spread(kept)
        lines = [(line.text, keep) for line, keep in zip(self.stages, kept, strict=True)]
        return (
            LINE_BREAK.join(text for text, keep in lines if keep),
            LINE_BREAK.join(text for text, keep in lines if not keep),
        )

    def _spread(self, kept: list[bool]) -> None:
        """Spread kept lines evenly among those of the same tokens and worth.

        Before the last line kept, such lines can stand for each other.
        """
        last = max(index for index, keep in enumerate(kept) if keep)
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, line in enumerate(self.stages[:last]):
            if not is_open(line.text):
                alike[line.num_tokens, line.value].append(index)
        for indices in alike.values():
            num_kept = sum(kept[index] for index in indices)
            for index in indices:
                kept[index] = False
            for k in range(num_kept):
                kept[indices[(2 * k + 1) * len(indices) // (2 * num_kept)]] = True


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line, with those after it that stay with it.

    Attributes
    ----------
    text : str
    num_tokens : int
        Its tokens with the line break after it.
    value : int
        What it is worth.
    is_first : bool
        Whether it is the first of its block.
    tokenizer : RequestTokenizer
        Counts.
    """

    text: str
    num_tokens: int
    value: int
    is_first: bool
    tokenizer: RequestTokenizer

    def moves(self, following: Following) -> Sequence[Move]:
        """Return: keep, drop.

        Dropping comes first among equals, so that what is kept reaches the end of the text.
        """
        keep, drop = _INSIDE, following
        if self.is_first:
            keep = seen_before(self.text, following, BLANK_LINE)
            drop = Following(BLANK_LINE, "") if following == _INSIDE else following
        num_tokens = self.num_tokens
        if following != _INSIDE:
            num_tokens = num_joined_tokens(self.text, following, self.tokenizer)
        return (Move(num_tokens, self.value, keep), Move(0, 0, drop))


def _lines(block: PromptBlock, tokenizer: RequestTokenizer, value_per_token: float) -> list[_Line]:
    """Split a block between lines whose tokens do not depend on each other.

    A line that is blank or begins with a slash stays with the line before it, and blank ones at the
    beginning with the first other line.
    """
    groups: list[list[str]] = []
    weights: list[float] = []
    lines = block.text.split(LINE_BREAK)
    for line, weight in zip(lines, block.line_weights or [1.0] * len(lines), strict=True):
        only_blank = bool(groups) and not LINE_BREAK.join(groups[-1]).strip()
        if only_blank:
            weights[-1] = weight
        if groups and (only_blank or is_open(line + LINE_BREAK)):
            groups[-1].append(line)
        else:
            groups.append([line])
            weights.append(weight)
    found: list[_Line] = []
    for group, weight in zip(groups, weights, strict=True):
        text = LINE_BREAK.join(group)
        num_tokens = num_joined_tokens(text, _INSIDE, tokenizer)
        value = round(value_per_token * weight * num_tokens)
        found.append(_Line(text, num_tokens, value, not found, tokenizer))
    return found
