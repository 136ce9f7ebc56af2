"""A prompt is whole where it fits, cut at words where it must be, and counted exactly."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from budgetfit.profiles import get_profile
from budgetfit.prompts.offering import offer_prompts
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer

TOKENIZER = RequestTokenizer(get_profile("pixtral-12b"))
PICTURE = ImagePart(112, 64)
PICTURE_TOKENS = 32
words = st.text(alphabet="ab. ,\n漢é", max_size=80)


def whole(text: str, system_prompt: str | None) -> int:
    """Tokens of the real request with one picture, by mistral-common itself."""
    return TOKENIZER.encode(Request((PICTURE, TextPart(text)), system_prompt)).num_tokens


@given(words, st.none() | words, st.integers(36, 90))
def test_every_offer_fits_and_is_counted_exactly(
    text: str, system_prompt: str | None, room: int
) -> None:
    offered = offer_prompts(
        text,
        system_prompt,
        TOKENIZER,
        max_prompt_tokens=room,
        picture_num_tokens=PICTURE_TOKENS,
    )
    assert offered.num_tokens_full + 3 + PICTURE_TOKENS == whole(text, system_prompt)
    if whole("", system_prompt) > room:
        (option,) = offered.options()
        assert offered.sent(0).text == ""
        assert option.num_tokens + PICTURE_TOKENS == whole("", system_prompt)
        return
    prompts = [offered.sent(index) for index in range(len(offered.options()))]
    for prompt, option in zip(prompts, offered.options(), strict=True):
        assert text.startswith(prompt.text)
        assert whole(prompt.text, system_prompt) == option.num_tokens + PICTURE_TOKENS <= room
    if whole(text, system_prompt) <= room:
        assert [prompt.text for prompt in prompts] == [text]
    else:
        lengths = [len(prompt.text) for prompt in prompts]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[0] < len(text)


def test_a_longer_text_is_worth_more_than_all_pictures() -> None:
    offered = offer_prompts(
        "one two three four five " * 40,
        None,
        TOKENIZER,
        max_prompt_tokens=80,
        picture_num_tokens=PICTURE_TOKENS,
    )
    values = [option.value for option in offered.options()]
    assert len(values) > 1
    assert all(a - b > 10**8 for a, b in itertools.pairwise(values))
