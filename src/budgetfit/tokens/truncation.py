"""The longest beginnings of a prompt that fit a number of tokens, cut between words."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import regex  # type: ignore[import-untyped]

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["ADDITIVE", "TEKKEN_PATTERN", "PromptCut", "prompt_cuts", "truncate_prompt", "word_ends"]

# Scripts written without spaces, and emoji: the line-breaking classes of Unicode Annex 14 that
# allow a line break between two letters (ideographs and kana; Thai, Lao, Khmer, Burmese ...).
_UNSPACED = r"[\p{LB=ID}\p{LB=CJ}\p{LB=SA}\p{LB=EB}\p{LB=EM}\p{LB=RI}]"
_CUT = regex.compile(rf"(?<=\S)(?=\s)|(?<={_UNSPACED})(?=\S)|(?<=\S)(?={_UNSPACED})")

# By which tekken files of every model so far split a text into pieces.
TEKKEN_PATTERN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# Where tekken's pattern always ends a piece, whatever follows: the tokens of the two sides add up
# exactly. A run of letters and marks stops at anything else, and a digit is a piece of its own.
ADDITIVE = regex.compile(r"(?<=\p{N})|(?<=\p{L})(?![\p{L}\p{M}])")

# Unicode Annex 29: no grapheme cluster holds two neighbours of the class Other (rule GB999).
_PLAIN_PAIR = regex.compile(r"\p{GCB=Other}{2}")
_GRAPHEME = regex.compile(r"\X")

_MAX_CUTS_AHEAD = 32
_BLOCK_LENGTH = 1024  # characters searched at once, going backwards


class PromptCut(NamedTuple):
    """A beginning of a prompt.

    Attributes
    ----------
    text : str
    num_tokens : int
        Tokens of ``text`` encoded on its own.
    """

    text: str
    num_tokens: int


def truncate_prompt(text: str, max_num_tokens: int, tokenizer: RequestTokenizer) -> PromptCut:
    """Return the longest beginning of ``text`` that fits; the first of ``prompt_cuts``.

    Raises
    ------
    UsageError
        As ``prompt_cuts``.
    """
    return prompt_cuts(text, max_num_tokens, tokenizer, limit=1)[0]


def prompt_cuts(
    text: str, max_num_tokens: int, tokenizer: RequestTokenizer, *, limit: int
) -> list[PromptCut]:
    """Return the longest beginnings of ``text`` of at most ``max_num_tokens`` tokens.

    A beginning is the whole text, unchanged, or ends with the last character before white space,
    or beside a character of a script written without spaces or an emoji, or is empty. None ends
    inside a grapheme cluster (a letter and its combining marks, an emoji sequence, a flag).

    Every count returned is that of the beginning itself. No longer beginning fits, although counts
    do not grow evenly with the text, with one exception: where the budget ends inside an unbroken
    run of letters of an unspaced script, or of symbols, only the next 32 places to cut are tried;
    a tokenizer that does not split by tekken's pattern may fit one word more.

    Parameters
    ----------
    text : str
    max_num_tokens : int
        Tokens the beginning may have, at least 0.
    tokenizer : RequestTokenizer
    limit : int
        How many to return at most, at least 1; fewer where the text has fewer.

    Returns
    -------
    list of PromptCut
        Longest first. The empty beginning always fits.

    Raises
    ------
    UsageError
        ``max_num_tokens`` is negative, ``limit`` below 1, or the text cannot be encoded.
    """
    if max_num_tokens < 0:
        raise UsageError(f"max_num_tokens is {max_num_tokens}; it must be at least 0")
    if limit < 1:
        raise UsageError(f"limit is {limit}; it must be at least 1")
    return list(islice(_fitting_cuts(text, max_num_tokens, tokenizer), limit))


def word_ends(text: str, stop: int) -> list[int]:
    """Return where ``prompt_cuts`` may cut ``text``, before ``stop`` and rising.

    The empty and the whole text are left out.
    """
    clusters = {match.end() for match in _GRAPHEME.finditer(text, 0, min(stop + 1, len(text)))}
    ends = (match.start() for match in _CUT.finditer(text, 1, stop))
    return [end for end in ends if end in clusters]


def _fitting_cuts(
    text: str, max_num_tokens: int, tokenizer: RequestTokenizer
) -> Iterator[PromptCut]:
    token_ids = tokenizer.encode_text(text)
    if len(token_ids) <= max_num_tokens:
        yield PromptCut(text, len(token_ids))
        last = len(text)
    else:
        last = len(tokenizer.decode(token_ids[:max_num_tokens]))
    for end in _cuts_before(text, last):
        num_tokens = tokenizer.count_text(text[:end])
        if num_tokens <= max_num_tokens:
            yield PromptCut(text[:end], num_tokens)
    if text:
        yield PromptCut("", 0)


def _cuts_before(text: str, last: int) -> Iterator[int]:
    """Yield the places to cut, backwards, from some way after ``last``.

    ``last`` is where the budget's tokens end in the encoding of the whole text, or one character
    later. At the first additive place after it a beginning has more tokens than the budget, and
    so has every longer one.
    """
    too_long = ADDITIVE.search(text, last + 1)
    stop = too_long.start() if too_long else len(text)
    ahead = [m.start() for m in islice(_CUT.finditer(text, last + 1, stop), _MAX_CUTS_AHEAD)]
    for end in chain(reversed(ahead), _cuts_backwards(text, last + 1)):
        if _is_grapheme_boundary(text, end):
            yield end


def _cuts_backwards(text: str, stop: int) -> Iterator[int]:
    """Yield every cut before ``stop``, the last one first."""
    while stop > 0:
        start = max(stop - _BLOCK_LENGTH, 0)
        yield from reversed([match.start() for match in _CUT.finditer(text, start, stop)])
        stop = start


def _is_grapheme_boundary(text: str, position: int) -> bool:
    start = position
    while start > 0 and not _PLAIN_PAIR.fullmatch(text, start - 1, start + 1):
        start -= 1
    while start < position:
        start = _GRAPHEME.match(text, start).end()
    return start == position
