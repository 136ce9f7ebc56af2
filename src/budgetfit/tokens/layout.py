"""The pieces of a request in the order and the grouping in which mistral-common encodes them."""

from __future__ import annotations

from itertools import groupby

from budgetfit.tokens.request import ImagePart, Request, TextPart

__all__ = ["BLANK_LINE", "NUM_TEMPLATE_TOKENS", "content_segments"]

NUM_TEMPLATE_TOKENS = 3
"""Tokens of a request of one user turn without its content: BOS, [INST] and [/INST]."""

BLANK_LINE = "\n\n"


def content_segments(request: Request) -> tuple[str | ImagePart, ...]:
    """Return the texts and images that are encoded each on its own, in order.

    Their tokens add up exactly; those of texts inside one segment do not ("." and a blank line
    are one token). The rules are those of mistral-common's normalizer and ``InstructTokenizerV3``:

    - empty texts are dropped, neighbouring texts are joined by a blank line;
    - a message of one text and then one image is turned round: the image comes first;
    - the system prompt and a blank line come first: a segment of their own before images, the
      beginning of the text where there is only text.

    Parameters
    ----------
    request : Request

    Returns
    -------
    tuple of str or ImagePart
        Without template tokens; empty for an empty request.
    """
    segments = _joined_texts(request)
    if len(segments) == 2 and isinstance(segments[0], str):
        segments.reverse()
    if not request.system_prompt:
        return tuple(segments)
    opening = request.system_prompt + BLANK_LINE
    if request.images:
        return (opening, *segments)
    return (opening + "".join(text for text in segments if isinstance(text, str)),)


def _joined_texts(request: Request) -> list[str | ImagePart]:
    segments: list[str | ImagePart] = []
    for is_text, parts in groupby(request.parts, lambda part: isinstance(part, TextPart)):
        if is_text:
            texts = [part.text for part in parts if isinstance(part, TextPart) and part.text]
            if texts:
                segments.append(BLANK_LINE.join(texts))
        else:
            segments.extend(part for part in parts if isinstance(part, ImagePart))
    return segments
