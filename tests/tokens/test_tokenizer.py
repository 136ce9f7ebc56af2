"""Counts equal whole encoded requests, and encoded requests are mistral-common's."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from mistral_common.protocol.instruct.chunk import ImageChunk, TextChunk
from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from PIL import Image

from budgetfit.errors import TokenMismatchError, UsageError
from budgetfit.profiles import ModelProfile
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS, RequestTokenizer

from .strategies import requests, texts

SCRIPTS = {
    "Latin": "Describe what happens, naïvely.",
    "Cyrillic": "Опишите, что происходит.",
    "Greek": "Περιγράψτε τι συμβαίνει.",
    "Han": "请描述发生了什么。",
    "Japanese": "何が起きているか説明してください。",
    "Hangul": "무슨 일이 일어나는지 설명하세요.",
    "Arabic": "صف ما يحدث.",
    "Hebrew": "תארו את מה שקורה.",
    "Devanagari": "बताइए कि क्या हो रहा है।",
    "Bengali": "কী ঘটছে তা বর্ণনা করুন।",
    "Tamil": "என்ன நடக்கிறது என்று விவரி.",
    "Thai": "อธิบายว่าเกิดอะไรขึ้น",
    "Georgian": "აღწერეთ რა ხდება.",
    "Ethiopic": "ምን እየሆነ እንዳለ ግለጽ።",
    "emoji": "👩🏽‍🚀👨‍👩‍👧🇫🇷",
}


@given(request=requests)
@example(request=Request((TextPart("."), TextPart("\n"), ImagePart(16, 16))))
@example(request=Request((TextPart(""),), system_prompt="."))
@example(request=Request((TextPart("a "), ImagePart(16, 16)), system_prompt="\n"))
def test_count_equals_the_encoded_request(tokenizer: RequestTokenizer, request: Request) -> None:
    encoded = tokenizer.verify(request, tokenizer.count(request))
    assert encoded.num_tokens == len(encoded.prompt_token_ids)
    assert encoded.num_images == len(request.images)
    assert encoded.num_image_tokens == sum(encoded.image_token_counts)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script(tokenizer: RequestTokenizer, text: str) -> None:
    labels = (TextPart(text), ImagePart(32, 16), TextPart(text + "\n"), ImagePart(16, 32))
    for parts in (labels, labels[:2], (labels[0], labels[2])):
        for system_prompt in (None, text):
            request = Request((*parts, TextPart(text)), system_prompt)
            assert tokenizer.count(request) == tokenizer.encode(request).num_tokens
    assert tokenizer.decode(tokenizer.encode_text(text)) == text


@given(text=texts)
def test_a_text_is_never_read_as_special_tokens(tokenizer: RequestTokenizer, text: str) -> None:
    encoded = tokenizer.encode(Request((TextPart(text),)))
    content = encoded.prompt_token_ids[2:-1]
    assert list(content) == tokenizer.encode_text(text)
    assert encoded.num_images == 0
    assert tokenizer.decode(content) == text


def test_joined_texts_do_not_add_up(tokenizer: RequestTokenizer) -> None:
    parts = (TextPart("."), TextPart("a"))
    apart = sum(tokenizer.count_text(part.text) for part in parts) + tokenizer.count_text("\n\n")
    assert tokenizer.count(Request(parts)) < NUM_TEMPLATE_TOKENS + apart


@pytest.mark.parametrize("parts", [(), (TextPart(""),), (TextPart(""), TextPart(""))])
def test_nothing_but_the_template(tokenizer: RequestTokenizer, parts: tuple[TextPart, ...]) -> None:
    request = Request(parts, system_prompt="")
    assert tokenizer.verify(request, NUM_TEMPLATE_TOKENS).prompt_token_ids == (1, 3, 4)


def test_an_empty_prompt_sends_only_images(tokenizer: RequestTokenizer) -> None:
    image = ImagePart(32, 16)
    assert tokenizer.encode(Request((image, TextPart("")))) == tokenizer.encode(Request((image,)))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "P", "I;16"])
def test_blank_images_have_the_ids_of_real_ones(
    tokenizer: RequestTokenizer, mistral: MistralTokenizer[Any, Any, Any, Any, Any], mode: str
) -> None:
    rng = random.Random(7)
    sizes = [(640, 352), (37, 501), (1300, 200)]
    chunks: list[Any] = [TextChunk(text="look")]
    for width, height in sizes:
        blank = Image.new(mode, (width, height))
        noise = Image.frombytes(mode, blank.size, rng.randbytes(len(blank.tobytes())))
        chunks.append(ImageChunk(image=noise))
    chat_request = ChatCompletionRequest(messages=[UserMessage(content=chunks)])
    theirs = mistral.encode_chat_completion(chat_request).tokens
    ours = tokenizer.encode(Request((TextPart("look"), *(ImagePart(*size) for size in sizes))))
    assert list(ours.prompt_token_ids) == theirs


def test_encoded_images_in_the_order_of_the_prompt(tokenizer: RequestTokenizer) -> None:
    request = Request((ImagePart(16, 16), TextPart("then"), ImagePart(48, 32)))
    assert tokenizer.encode(request).image_token_counts == (2, 8)


@pytest.mark.parametrize("difference", [-1, 1, 100])
def test_verify_refuses_another_count(tokenizer: RequestTokenizer, difference: int) -> None:
    request = Request((ImagePart(320, 176), TextPart("what moves?")))
    counted = tokenizer.count(request)
    with pytest.raises(TokenMismatchError) as caught:
        tokenizer.verify(request, counted + difference)
    assert (caught.value.planned, caught.value.counted) == (counted + difference, counted)


@pytest.mark.parametrize(
    "images",
    [(), (ImagePart(48, 32),), (ImagePart(32, 48), ImagePart(48, 32)), (ImagePart(48, 32),) * 3],
)
def test_other_images_than_placeholders_are_refused(
    tokenizer: RequestTokenizer, images: tuple[ImagePart, ...]
) -> None:
    ids = tokenizer.encode(Request((ImagePart(48, 32), ImagePart(32, 48)))).prompt_token_ids
    tokenizer.check_placeholders(Request((ImagePart(48, 32), ImagePart(32, 48))), ids)
    with pytest.raises(TokenMismatchError):
        tokenizer.check_placeholders(Request(images), ids)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_lone_surrogates_are_refused(tokenizer: RequestTokenizer, text: str) -> None:
    with pytest.raises(UsageError, match="lone surrogate"):
        tokenizer.count_text(text)


def test_endless_white_space_is_refused(tokenizer: RequestTokenizer) -> None:
    text = " " * 1_000_000
    with pytest.raises(UsageError, match="1000000 characters cannot be tokenized"):
        tokenizer.count_text(text)
    with pytest.raises(UsageError, match="white space"):
        tokenizer.encode(Request((TextPart(text),)))


def test_a_missing_tekken_file_is_named(profile: ModelProfile) -> None:
    with pytest.raises(UsageError, match=r"'tekken_0\.json'; it has: .*tekken_240911\.json"):
        RequestTokenizer(replace(profile, tokenizer_file="tekken_0.json"))


def test_a_tokenizer_without_images_is_refused(profile: ModelProfile) -> None:
    with pytest.raises(UsageError, match="no image tokens"):
        RequestTokenizer(replace(profile, tokenizer_file="tekken_240718.json"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("image_patch_size", 14), ("max_image_size", 1540), ("spatial_merge_size", 2)],
)
def test_a_profile_unlike_its_tokenizer_is_refused(
    profile: ModelProfile, name: str, value: int
) -> None:
    changes: dict[str, Any] = {name: value}
    with pytest.raises(UsageError, match=f"{name} {value} but tekken_240911.json has"):
        RequestTokenizer(replace(profile, **changes))


def test_threads_share_one_tokenizer(profile: ModelProfile, tokenizer: RequestTokenizer) -> None:
    requests_ = [
        Request((ImagePart(16 * k, 32), TextPart(text)))
        for k, text in enumerate(SCRIPTS.values(), start=1)
    ]

    def count(request: Request) -> int:
        return RequestTokenizer(profile).count(request)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, requests_ * 4)) == [tokenizer.count(r) for r in requests_] * 4


def test_the_tekken_file_is_read_once(
    profile: ModelProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    RequestTokenizer(profile)

    def read_again(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"read again: {args} {kwargs}")

    monkeypatch.setattr(MistralTokenizer, "from_file", read_again)
    RequestTokenizer(replace(profile, name="another"))
