"""Requests that cannot be sent are refused when they are made."""

from __future__ import annotations

import pytest

from budgetfit.errors import UsageError
from budgetfit.tokens.request import ImagePart, Request, TextPart


@pytest.mark.parametrize("text", ["\ud800", "ab\udcff", "\udc80\n"])
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="lone surrogate"):
        TextPart(text)
    with pytest.raises(UsageError, match="lone surrogate"):
        Request((), system_prompt=text)


def test_the_place_of_the_surrogate_is_named() -> None:
    with pytest.raises(UsageError, match=r"'\\udcff', at character 2"):
        TextPart("ab\udcff")


@pytest.mark.parametrize("text", ["", "\x00", "\U0010ffff", "👩🏽‍🚀"])
def test_every_other_text_is_allowed(text: str) -> None:
    assert Request((TextPart(text),), system_prompt=text).system_prompt == text


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-5, 5)])
def test_images_without_pixels_are_refused(width: int, height: int) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        ImagePart(width, height)


def test_images_are_listed_in_the_order_sent() -> None:
    parts = (ImagePart(1, 2), TextPart("a"), ImagePart(3, 4))
    assert Request(parts).images == (ImagePart(1, 2), ImagePart(3, 4))
