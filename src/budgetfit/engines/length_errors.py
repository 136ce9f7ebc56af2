"""Tells an engine's refusal of a prompt's length from its other errors.

vLLM's texts and exception types differ between versions. Recent errors name the parameter that
they are about, but not every check of the length does, so texts are needed as well.
"""

from __future__ import annotations

import re

__all__ = ["is_length_error"]

# "input_text" is the early check on characters, made before a prompt is tokenized.
_LENGTH_PARAMETERS = frozenset({"input_tokens", "input_text"})

_LENGTH_TEXTS = re.compile(
    r"maximum context length is \d+"
    r"|longer than the maximum model length of \d+"
    r"|total length \d+\) is too long to fit"
    r"|max_tokens=\d+ cannot be greater than max_model_len"
    # A plan generates at least one token: the server has clipped that to what the prompt leaves.
    r"|max_tokens must be at least 1, got 0",
    re.IGNORECASE,
)


def is_length_error(message: str, parameter: str | None = None) -> bool:
    """Return whether an engine's error refuses a prompt because of its length.

    Parameters
    ----------
    message : str
        The error's text.
    parameter : str, optional
        What the error names as the wrong parameter: ``VLLMValidationError.parameter``, or
        ``error.param`` in a server's answer.
    """
    return parameter in _LENGTH_PARAMETERS or _LENGTH_TEXTS.search(message) is not None
