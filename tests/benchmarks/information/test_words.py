"""Words are matched exactly first, as often as they are seen, and long ones with one edit."""

from __future__ import annotations

import pytest
from benchmarks.information.words import read_flags, split_words, within_one_edit
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.text("abc", min_size=0, max_size=5)


def edits(word: str) -> set[str]:
    letters = "abc"
    deleted = {word[:i] + word[i + 1 :] for i in range(len(word))}
    replaced = {word[:i] + x + word[i + 1 :] for i in range(len(word)) for x in letters}
    inserted = {word[:i] + x + word[i:] for i in range(len(word) + 1) for x in letters}
    return {word, *deleted, *replaced, *inserted}


@given(WORDS, WORDS)
def test_one_edit_is_one_edit(first: str, second: str) -> None:
    assert within_one_edit(first, second) == (second in edits(first))


def test_words_are_runs_of_letters_and_digits() -> None:
    lines = ["Open a NEW browser.", "foo_bar(12, 345)", "Ünïcode-text 一二三"]
    assert split_words(lines) == (
        "open", "new", "browser", "foo", "bar", "345", "ünïcode", "text", "一二三"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "seen", "expected"),
    [
        (["the", "the", "the"], ["the", "the"], [True, True, False]),
        (["cat"], ["car"], [False]),
        (["browser"], ["browsr"], [True]),
        (["browser"], ["bravser"], [False]),
        (["browses", "browser"], ["browser"], [False, True]),
        (["browser", "browser"], ["browsers"], [True, False]),
        (["word"], [], [False]),
        ([], ["word"], []),
    ],
)
def test_read_flags(words: list[str], seen: list[str], expected: list[bool]) -> None:
    assert read_flags(words, seen).tolist() == expected


@given(st.lists(st.text("ab", min_size=3, max_size=8)))
def test_everything_is_read_where_it_is_the_same(words: list[str]) -> None:
    assert read_flags(words, reversed(words)).all()
