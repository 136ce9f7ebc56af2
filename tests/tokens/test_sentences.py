"""Sentences end as Unicode Standard Annex 29 says."""

from __future__ import annotations

import pytest
from hypothesis import given

from budgetfit.tokens.sentences import sentence_ends

from .strategies import texts


def sentences(text: str) -> list[str]:
    ends = [*sentence_ends(text, len(text)), len(text)]
    return [text[a:b].strip() for a, b in zip([0, *ends], ends, strict=False)]


# The examples of the annex's section 5 and one for each of its rules.
@pytest.mark.parametrize(
    "expected",
    [
        ["He said “Are you going?”", "John shook his head."],
        ["It costs 3.5 dollars.", "Good"],
        ["A letter from the U.S.A. said no.", "Really"],
        ["see etc. and so on.", "Then"],
        ["etc.)’ ‘(the", "end"],
        ["What?!", "No..."],
        ["First line", "Second line"],
        ["他来了。", "她走了！", "好"],
        ["वह आया।", "वह गया"],
        ["Wait., he said.", "Yes"],
        ["Stop.\u0301", "Go"],
    ],
    ids=lambda expected: expected[0],
)
def test_examples(expected: list[str]) -> None:
    glue = "\n" if expected[0] == "First line" else "" if expected[0][0] == "他" else " "
    if expected == ["etc.)’ ‘(the", "end"]:
        # Rule SB8: what goes on in lower case is the same sentence.
        assert sentences("etc.)’ ‘(the end") == ["etc.)’ ‘(the end"]
        return
    assert sentences(glue.join(expected)) == expected


@given(texts)
def test_ends_rise_and_follow_a_character(text: str) -> None:
    for stop in (len(text), len(text) // 2):
        ends = sentence_ends(text, stop)
        assert ends == sorted(set(ends))
        assert all(0 < end < stop and not text[end - 1].isspace() for end in ends)
        assert ends == [end for end in sentence_ends(text, len(text)) if end < stop]
