"""Tokens of joined texts: the sum of the parts is the count of the whole, whatever they are."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from budgetfit.tokens.joining import (
    LINE_BREAK,
    NOTHING,
    Following,
    PrefixCounter,
    beginning,
    is_open,
    num_joined_tokens,
    seen_before,
)
from budgetfit.tokens.layout import BLANK_LINE
from budgetfit.tokens.tokenizer import RequestTokenizer

from .strategies import texts

# What makes the tokens of a text depend on the line break before it, and what only looks like it.
HEADS = ("", " ", "\n", "\r\n", "  \n\t\n", "\u2028\n", "/", "//", "/a", " /", ".", "?!", "\u0301")
TAILS = ("", ".", "...\n", "?", "/", " ", "\n\n", "7", "\u200d")
parts = st.tuples(st.sampled_from(HEADS), texts, st.sampled_from(TAILS)).map("".join).filter(bool)
joins = st.sampled_from([LINE_BREAK, BLANK_LINE])


@given(st.lists(st.tuples(parts, joins), max_size=6))
@example([("End.", BLANK_LINE), ("///", BLANK_LINE), ("\n \n", LINE_BREAK), ("/x", BLANK_LINE)])
@example([("a.", LINE_BREAK), (" ", LINE_BREAK), ("\t", BLANK_LINE), ("b", BLANK_LINE)])
def test_parts_add_up_exactly(tokenizer: RequestTokenizer, joined: list[tuple[str, str]]) -> None:
    """Each part comes with the line breaks before it; those of the first are not there."""
    following, num_tokens, whole = NOTHING, 0, ""
    for index, (text, join) in reversed(list(enumerate(joined))):
        num_tokens += num_joined_tokens(text, following, tokenizer)
        following = seen_before(text, following, join)
        whole = text + whole
        assert num_tokens == tokenizer.count_text(whole)
        if index:
            whole = join + whole


@given(st.lists(parts.filter(lambda text: not is_open(text + "\n")), min_size=1, max_size=6))
def test_where_nothing_is_open_a_part_is_counted_with_its_break(
    tokenizer: RequestTokenizer, closed: list[str]
) -> None:
    *others, last = closed
    counts = [tokenizer.count_text(text + BLANK_LINE) for text in others]
    whole = tokenizer.count_text(BLANK_LINE.join(closed))
    assert sum(counts) + tokenizer.count_text(last) == whole


def test_parts_without_their_break_do_not_add_up(tokenizer: RequestTokenizer) -> None:
    """Why all this: a full stop and a blank line are one token."""
    apart = sum(map(tokenizer.count_text, ("End.", BLANK_LINE, "Begin.")))
    assert tokenizer.count_text("End.\n\nBegin.") == apart - 1


@given(parts, parts, st.integers(0, 40))
def test_beginnings_are_counted_exactly(
    tokenizer: RequestTokenizer, text: str, after: str, max_num_tokens: int
) -> None:
    counter = PrefixCounter(text, tokenizer, max_num_tokens)
    assert counter.num_tokens == tokenizer.count_text(text)
    for following in (NOTHING, seen_before(after, NOTHING, BLANK_LINE)):
        for end in range(1, len(text) + 1):
            if end < counter.stop:
                expected = num_joined_tokens(text[:end], following, tokenizer)
                assert counter.count(end, following) == expected
            else:
                assert tokenizer.count_text(text[:end]) > max_num_tokens


@given(parts)
def test_a_beginning_ends_where_tokens_end(tokenizer: RequestTokenizer, text: str) -> None:
    head = beginning(text)
    assert head
    assert text.startswith(head)
    apart = tokenizer.count_text(head) + tokenizer.count_text(text[len(head) :])
    assert apart == tokenizer.count_text(text)


def test_cuts_in_a_long_run_are_spaced(tokenizer: RequestTokenizer) -> None:
    """Chinese without punctuation is one piece: each of its cuts is a count of its own."""
    counter = PrefixCounter("a b " + "漢" * 20_000, tokenizer, 10**6)
    ends = counter.spaced(range(1, 20_004))
    assert ends[:200] == list(range(1, 201))
    assert len(ends) < 600
    assert max(b - a for a, b in itertools.pairwise(ends)) <= 20_000 // 64 + 1


def test_a_following_that_is_not_open_has_no_beginning() -> None:
    assert seen_before("Text", NOTHING, BLANK_LINE) == Following(BLANK_LINE, "")
    assert seen_before("/path to", NOTHING, BLANK_LINE) == Following(BLANK_LINE, "/path")
