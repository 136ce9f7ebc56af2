"""Cuts of a prompt against the plain definition: try every place, longest first."""

from __future__ import annotations

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.errors import UsageError
from budgetfit.tokens.tokenizer import RequestTokenizer
from budgetfit.tokens.truncation import PromptCut, prompt_cuts, truncate_prompt

from .strategies import texts

WHITE_SPACE = regex.compile(r"\s")
UNSPACED = regex.compile(r"[\p{LB=ID}\p{LB=CJ}\p{LB=SA}\p{LB=EB}\p{LB=EM}\p{LB=RI}]")


def every_cut(text: str) -> list[int]:
    """Every place where the docstring of prompt_cuts allows a cut, by walking the clusters."""
    cuts = []
    for cluster in regex.finditer(r"\X", text):
        end = cluster.end()
        if end == len(text) or WHITE_SPACE.match(text[end - 1]):
            continue
        before, after = text[end - 1], text[end]
        if WHITE_SPACE.match(after) or UNSPACED.match(before) or UNSPACED.match(after):
            cuts.append(end)
    return cuts


def every_fitting_cut(
    text: str, max_num_tokens: int, tokenizer: RequestTokenizer
) -> list[PromptCut]:
    prefixes = {text[:end] for end in (0, *every_cut(text), len(text))}
    counted = [
        PromptCut(prefix, tokenizer.count_text(prefix))
        for prefix in sorted(prefixes, key=len, reverse=True)
    ]
    return [cut for cut in counted if cut.num_tokens <= max_num_tokens]


@given(text=texts, share=st.floats(0, 1.1))
def test_no_cut_is_missed(tokenizer: RequestTokenizer, text: str, share: float) -> None:
    max_num_tokens = int(share * tokenizer.count_text(text))
    expected = every_fitting_cut(text, max_num_tokens, tokenizer)
    assert prompt_cuts(text, max_num_tokens, tokenizer, limit=1000) == expected
    assert truncate_prompt(text, max_num_tokens, tokenizer) == expected[0]


PARAGRAPH = (
    "Describe the scene.\n\nFirst: name every object (and its colour); don't guess! Then say what "
    "moves, e.g. «left to right», at 3.5 m/s...\n"
    "请描述场景：物体、颜色和运动。次に、何が起きているかを説明する。\n"
    "อธิบายสิ่งที่เกิดขึ้นในวิดีโอนี้อย่างละเอียด แล้วสรุปสั้นๆ "
    "👩🏽‍🚀👨‍👩‍👧🇫🇷🇯🇵 e\u0301te\u0301.\r\n\tEnd.  "
)


def test_every_budget_of_a_real_prompt(tokenizer: RequestTokenizer) -> None:
    text = PARAGRAPH * 2
    for max_num_tokens in range(tokenizer.count_text(text) + 2):
        expected = every_fitting_cut(text, max_num_tokens, tokenizer)
        assert prompt_cuts(text, max_num_tokens, tokenizer, limit=5) == expected[:5]


def test_a_prompt_that_fits_is_unchanged(tokenizer: RequestTokenizer) -> None:
    for text in ("", "  padded \n", PARAGRAPH):
        num_tokens = tokenizer.count_text(text)
        assert truncate_prompt(text, num_tokens, tokenizer) == (text, num_tokens)


@pytest.mark.parametrize(
    ("text", "beginnings"),
    [
        ("one two  three", {"", "one", "one two", "one two  three"}),
        ("乘客下车", {"", "乘", "乘客", "乘客下", "乘客下车"}),
        ("กำไร", {"", "กำ", "กำไ", "กำไร"}),
        ("👩🏽‍🚀👨‍👩‍👧", {"", "👩🏽‍🚀", "👩🏽‍🚀👨‍👩‍👧"}),
        ("🇫🇷🇯🇵", {"", "🇫🇷", "🇫🇷🇯🇵"}),
        ("e\u0301t cafe\u0301", {"", "e\u0301t", "e\u0301t cafe\u0301"}),
        ("か\u3099き", {"", "か\u3099", "か\u3099き"}),
        ("unbreakable", {"", "unbreakable"}),
    ],
)
def test_where_cuts_are_allowed(
    tokenizer: RequestTokenizer, text: str, beginnings: set[str]
) -> None:
    found = {
        cut.text
        for max_num_tokens in range(tokenizer.count_text(text) + 1)
        for cut in prompt_cuts(text, max_num_tokens, tokenizer, limit=100)
    }
    assert found == beginnings


@pytest.mark.parametrize(
    "text",
    [
        "hello world, this is a text. " * 36_000,
        "天气很好，我们去公园。" * 30_000,
        "ภาษาไทย" * 48_000,
    ],
    ids=["English", "Chinese", "unbroken Thai"],
)
def test_a_megabyte_needs_few_encodings(
    tokenizer: RequestTokenizer, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    encode = RequestTokenizer.encode_text

    def counted(self: RequestTokenizer, text: str) -> list[int]:
        encoded.append(len(text))
        return encode(self, text)

    monkeypatch.setattr(RequestTokenizer, "encode_text", counted)
    assert len(text.encode()) > 900_000
    cut = truncate_prompt(text, 3789, tokenizer)
    assert 3789 - 3 <= cut.num_tokens <= 3789
    assert cut.num_tokens == len(encode(tokenizer, cut.text))
    assert text.startswith(cut.text)
    assert encoded.count(len(text)) == 1
    assert len(encoded) < 50


@pytest.mark.parametrize(
    ("max_num_tokens", "limit", "message"), [(-1, 1, "max_num_tokens is -1"), (5, 0, "limit is 0")]
)
def test_wrong_arguments(
    tokenizer: RequestTokenizer, max_num_tokens: int, limit: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        prompt_cuts("text", max_num_tokens, tokenizer, limit=limit)


def test_lone_surrogates_are_refused(tokenizer: RequestTokenizer) -> None:
    with pytest.raises(UsageError, match="lone surrogate"):
        truncate_prompt("a \ud800", 5, tokenizer)
