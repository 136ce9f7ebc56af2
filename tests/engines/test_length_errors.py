from __future__ import annotations

import pytest

from budgetfit.engines.length_errors import is_length_error

# As vLLM's versions word them, newest first.
REFUSALS = [
    "This model's maximum context length is 4096 tokens. However, your prompt contains 4687 input "
    "tokens, which exceeds this limit even without any output tokens.",
    "This model's maximum context length is 4096 tokens. However, you requested 300 output tokens "
    "and your prompt contains at least 3797 input tokens, for a total of at least 4097 tokens.",
    "This model's maximum context length is 4096 tokens. However, you requested 4387 tokens (4087 "
    "in the messages, 300 in the completion). Please reduce the length of the messages.",
    "'max_tokens' or 'max_completion_tokens' is too large: 300. This model's maximum context "
    "length is 4096 tokens and your request has 4000 input tokens (300 > 4096 - 4000).",
    "max_tokens=5000 cannot be greater than max_model_len=4096. Please request fewer output tokens",
    "max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)",
    "The decoder prompt (length 4096) plus the number of requested output tokens (at least 1) is "
    "longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller",
    "The decoder prompt (length 4687) is longer than the maximum model length of 4096. Make sure",
    "Prompt length of 4685 is longer than the maximum model length of 4096.",
    "The prompt (total length 4685) is too long to fit into the model (context length 4096). Make "
    "sure that `max_model_len` is no smaller than the number of text tokens",
]

OTHER_ERRORS = [
    "At most 8 image(s) may be provided in one prompt.",
    "Expected there to be 3 prompt placeholders corresponding to 3 image items, but instead found "
    "2 prompt placeholders!",
    "The decoder prompt contains a(n) image item with 4160 embedding tokens, which exceeds the "
    "pre-allocated encoder cache size 4096. Please reduce the input size",
    "The decoder prompt cannot be empty",
    "max_tokens must be at least 1, got -5. (parameter=max_tokens, value=-5)",
    "The model `pixtral` does not exist.",
    "User-specified max_model_len (4096) is greater than the derived max_model_len (2048)",
    "",
]


@pytest.mark.parametrize("message", REFUSALS)
def test_known_refusals_are_recognized_by_their_texts(message: str) -> None:
    assert is_length_error(message)
    assert is_length_error(f"400: {message.upper()}")


@pytest.mark.parametrize("message", OTHER_ERRORS)
def test_other_errors_are_not_refusals_of_the_length(message: str) -> None:
    assert not is_length_error(message)
    assert not is_length_error(message, "image")


@pytest.mark.parametrize("parameter", ["input_tokens", "input_text"])
def test_the_named_parameter_is_enough(parameter: str) -> None:
    assert is_length_error("worded as no version did before", parameter)
