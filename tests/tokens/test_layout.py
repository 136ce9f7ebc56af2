"""The order and grouping of a request's content; test_tokenizer holds them against the ids."""

from __future__ import annotations

import pytest

from budgetfit.tokens.layout import Template, content_segments
from budgetfit.tokens.request import ImagePart, Request, TextPart

A, B = ImagePart(16, 16), ImagePart(32, 16)
HI, YOU, EMPTY = TextPart("hi"), TextPart("you"), TextPart("")


@pytest.mark.parametrize(
    ("parts", "system_prompt", "segments"),
    [
        ((), None, ()),
        ((EMPTY,), "", ()),
        ((HI, YOU), None, ("hi\n\nyou",)),
        ((HI, EMPTY, YOU), None, ("hi\n\nyou",)),
        ((A, HI), None, (A, "hi")),
        ((HI, A), None, (A, "hi")),
        ((HI, YOU, A), None, (A, "hi\n\nyou")),
        ((HI, A, B), None, ("hi", A, B)),
        ((HI, A, YOU), None, ("hi", A, "you")),
        ((A, EMPTY, B), None, (A, B)),
        ((A,), "be brief", ("be brief\n\n", A)),
        ((HI, A), "be brief", ("be brief\n\n", A, "hi")),
        ((HI, YOU), "be brief", ("be brief\n\nhi\n\nyou",)),
        ((EMPTY,), "be brief", ("be brief\n\n",)),
    ],
)
def test_segments(
    parts: tuple[TextPart | ImagePart, ...],
    system_prompt: str | None,
    segments: tuple[str | ImagePart, ...],
) -> None:
    assert content_segments(Request(parts, system_prompt), Template()) == segments


@pytest.mark.parametrize(
    ("parts", "system_prompt", "segments", "num_tokens"),
    [
        ((), None, (), 3),
        ((HI, YOU), "", ("hi\n\nyou",), 3),
        ((HI, YOU), "be brief", ("be brief", "hi\n\nyou"), 5),
        ((HI, A), "be brief", ("be brief", A, "hi"), 5),
        ((EMPTY,), "be brief", ("be brief",), 5),
    ],
)
def test_a_system_prompt_that_is_a_message_of_its_own(
    parts: tuple[TextPart | ImagePart, ...],
    system_prompt: str | None,
    segments: tuple[str | ImagePart, ...],
    num_tokens: int,
) -> None:
    template, request = Template(has_system_message=True), Request(parts, system_prompt)
    assert content_segments(request, template) == segments
    assert template.num_tokens(request) == num_tokens


def test_texts_that_nothing_joins_and_settings_before_all() -> None:
    template = Template(has_system_message=True, text_join="", num_settings_tokens=9)
    request = Request((HI, EMPTY, YOU), None)
    assert content_segments(request, template) == ("hiyou",)
    assert template.num_tokens(request) == 12
