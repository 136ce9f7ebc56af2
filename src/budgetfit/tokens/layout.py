"""The pieces of a request in the order and the grouping in which mistral-common encodes them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from budgetfit.tokens.request import ImagePart, Request, TextPart

__all__ = ["BLANK_LINE", "NUM_TEMPLATE_TOKENS", "Template", "content_segments"]

NUM_TEMPLATE_TOKENS = 3
"""Tokens of a request of one user turn without its content: BOS, [INST] and [/INST]."""

BLANK_LINE = "\n\n"


@dataclass(frozen=True, slots=True)
class Template:
    """What the version of a tokenizer puts around and between the texts of a request.

    Attributes
    ----------
    has_system_message : bool
        Whether a system prompt is a message of its own between two tokens, as from version v7 on,
        instead of the beginning of the user's text.
    text_join : str
        Between neighbouring texts of a message: a blank line, nothing from version v15 on.
    num_settings_tokens : int
        Tokens of the model's settings that stand in every request, as a tekken file of version v15
        or later can have them.
    """

    has_system_message: bool = False
    text_join: str = BLANK_LINE
    num_settings_tokens: int = 0

    def num_tokens(self, request: Request) -> int:
        """Return the tokens of ``request`` that belong to no segment of its content."""
        has_message = self.has_system_message and bool(request.system_prompt)
        return NUM_TEMPLATE_TOKENS + self.num_settings_tokens + 2 * has_message


def content_segments(request: Request, template: Template) -> tuple[str | ImagePart, ...]:
    """Return the texts and images that are encoded each on its own, in order.

    Their tokens add up exactly; those of texts inside one segment do not ("." and a blank line
    are one token). The rules are those of mistral-common's normalizers and ``InstructTokenizerV3``
    to ``InstructTokenizerV15``:

    - empty texts are dropped, neighbouring texts are joined by ``template.text_join``;
    - a message of one text and then one image is turned round: the image comes first;
    - a system prompt that is a message of its own is the first segment;
    - any other comes first with a blank line: a segment of their own before images, the
      beginning of the text where there is only text.

    Parameters
    ----------
    request : Request
    template : Template
        Of the tokenizer's version.

    Returns
    -------
    tuple of str or ImagePart
        Without template tokens; empty for an empty request.
    """
    segments = _joined_texts(request, template.text_join)
    if len(segments) == 2 and isinstance(segments[0], str):
        segments.reverse()
    if not request.system_prompt:
        return tuple(segments)
    if template.has_system_message:
        return (request.system_prompt, *segments)
    opening = request.system_prompt + BLANK_LINE
    if request.images:
        return (opening, *segments)
    return (opening + "".join(text for text in segments if isinstance(text, str)),)


def _joined_texts(request: Request, text_join: str) -> list[str | ImagePart]:
    segments: list[str | ImagePart] = []
    for is_text, parts in groupby(request.parts, lambda part: isinstance(part, TextPart)):
        if is_text:
            texts = [part.text for part in parts if isinstance(part, TextPart) and part.text]
            if texts:
                segments.append(text_join.join(texts))
        else:
            segments.extend(part for part in parts if isinstance(part, ImagePart))
    return segments
