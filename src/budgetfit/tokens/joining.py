"""What texts cost when they are joined by line breaks: parts whose tokens add up exactly.

Tekken first splits a text by a pattern, then encodes each piece on its own. No piece goes on after
a line break, with two exceptions: white space before a further line break, and slashes after
punctuation and a line break. So ``part + break`` is counted with its break, and a text that begins
in one of these two ways is *open*: its beginning is counted together with what stands before it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import regex  # type: ignore[import-untyped]

from budgetfit.tokens.truncation import ADDITIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = [
    "LINE_BREAK",
    "NOTHING",
    "Following",
    "PrefixCounter",
    "beginning",
    "is_open",
    "num_joined_tokens",
    "seen_before",
]

LINE_BREAK = "\n"

# The tokenizer's white space and Python's: what is open without need is still counted exactly.
_OPEN = regex.compile(r"[\s\x1c-\x1f]*[\r\n]|/")

_NUM_CHARS_AHEAD = 256
_RUN_SHARE = 64


class Following(NamedTuple):
    """What follows a text, as far as the text's tokens depend on it.

    Attributes
    ----------
    join : str
        The line breaks in between; empty where nothing follows.
    beginning : str
        The beginning of what follows, where that is open; else empty.
    """

    join: str
    beginning: str


NOTHING = Following("", "")


def is_open(text: str) -> bool:
    """Tell whether tokens of the beginning of ``text`` depend on a line break before it."""
    return _OPEN.match(text) is not None


def seen_before(text: str, following: Following, join: str) -> Following:
    """Return what a text sees that stands before ``text`` and is joined to it by ``join``.

    Parameters
    ----------
    text : str
        Not empty; the text that stands between, or its beginning up to some letter or digit.
    following : Following
        What follows ``text``.
    join : str
        Line breaks.
    """
    whole = text + following.join + following.beginning
    return Following(join, beginning(whole) if is_open(whole) else "")


def beginning(text: str) -> str:
    """Return the least beginning after which the tokens of ``text`` do not depend on what it is.

    It ends with a letter or a digit; where there is none, it is the whole text.
    """
    additive = ADDITIVE.search(text, 1)
    return text[: additive.start()] if additive else text


def num_joined_tokens(text: str, following: Following, tokenizer: RequestTokenizer) -> int:
    """Return by how many tokens ``text`` makes longer what follows it.

    The sum over texts joined in this way, from the last to the first, is exactly the number of
    tokens of the joined text.

    Raises
    ------
    UsageError
        The text cannot be encoded.
    """
    whole = tokenizer.count_text(text + following.join + following.beginning)
    return whole - tokenizer.count_text(following.beginning)


class PrefixCounter:
    """Exact token counts of the beginnings of a text, each from its last few characters.

    Parameters
    ----------
    text : str
    tokenizer : RequestTokenizer
    max_num_tokens : int
        Beginnings of more tokens need not be counted.

    Attributes
    ----------
    num_tokens : int
        Tokens of the whole text on its own.
    stop : int
        Beginnings of this length and longer ones cannot be counted: they have more tokens than
        ``max_num_tokens``, or end deep in a run of symbols or of unspaced letters.

    Raises
    ------
    UsageError
        The text cannot be encoded.
    """

    def __init__(self, text: str, tokenizer: RequestTokenizer, max_num_tokens: int) -> None:
        self._text = text
        self._tokenizer = tokenizer
        self._known: dict[str, int] = {"": 0}
        token_ids = tokenizer.encode_text(text)
        self.num_tokens = len(token_ids)
        self.stop = len(text) + 1
        if self.num_tokens > max_num_tokens:
            # As in prompt_cuts: at the first additive place after them it is too long.
            last = len(tokenizer.decode(token_ids[:max_num_tokens]))
            too_long = ADDITIVE.search(text, last + 1)
            self.stop = too_long.start() if too_long else min(last + _NUM_CHARS_AHEAD, len(text))
        self._places, self._counts = [0], [0]
        for match in ADDITIVE.finditer(text, 0, self.stop):
            start, place = self._places[-1], match.start()
            self._places.append(place)
            self._counts.append(self._counts[-1] + self._count(text[start:place]))

    def spaced(self, ends: Iterable[int]) -> list[int]:
        """Return ``ends`` without most of those deep in a run that is counted as a whole.

        After 256 characters of such a run, neighbours are a 64th of its beginning apart.
        """
        kept: list[int] = []
        for end in ends:
            run = self._places[bisect_right(self._places, end) - 1]
            step = (end - run) // _RUN_SHARE if end - run > _NUM_CHARS_AHEAD else 0
            if not kept or end - kept[-1] >= step:
                kept.append(end)
        return kept

    def count(self, end: int, following: Following = NOTHING) -> int:
        """Return ``num_joined_tokens`` of the first ``end`` characters; ``end`` below ``stop``."""
        known = bisect_right(self._places, end) - 1
        rest = self._text[self._places[known] : end] + following.join + following.beginning
        return self._counts[known] + self._count(rest) - self._count(following.beginning)

    def _count(self, text: str) -> int:
        if text not in self._known:
            self._known[text] = self._tokenizer.count_text(text)
        return self._known[text]
