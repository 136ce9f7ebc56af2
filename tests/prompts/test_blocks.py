"""Blocks are checked where they are made."""

from __future__ import annotations

from typing import Any

import pytest

import budgetfit
from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.prompts.blocks import PromptBlock, checked_prompt


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": 5}, "text is a int"),
        ({"text": "lone \ud800"}, "surrogate"),
        ({"text": "a", "cut": "char"}, "cut is 'char'"),
        ({"text": "a", "priority": -0.1}, "priority is -0.1"),
        ({"text": "a", "priority": float("nan")}, "priority is nan"),
        ({"text": "a", "priority": float("inf")}, "priority is inf"),
        ({"text": "a", "priority": True}, "priority is True"),
        ({"text": "a", "line_weights": [1.0]}, "cut='word'; give cut='line'"),
        ({"text": "a\nb", "cut": "line", "line_weights": [1.0]}, "1 line_weights for 2 lines"),
        ({"text": "a", "cut": "line", "line_weights": ["1"]}, "a line weight is '1'"),
    ],
)
def test_blocks_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        PromptBlock(**arguments)


def test_line_weights_may_be_any_sequence() -> None:
    block = PromptBlock("a\nb", cut="line", line_weights=[1, 0.5])  # type: ignore[arg-type]
    assert block.line_weights == (1, 0.5)


def test_a_prompt_is_a_text_or_blocks() -> None:
    block = budgetfit.PromptBlock("a")
    assert checked_prompt("text") == "text"
    assert checked_prompt([block]) == (block,)
    assert checked_prompt([]) == ()


@pytest.mark.parametrize("prompt", [["a", "b"], [{"role": "user", "content": "a"}], ("a",), b"a"])
def test_other_sequences_are_no_prompt(prompt: object) -> None:
    with pytest.raises(UnsupportedRequestError, match="one user turn"):
        checked_prompt(prompt)
