"""Where the sentences of a text end: the default rules of Unicode Standard Annex 29."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]

__all__ = ["sentence_ends"]

# Annex 29, section 5.1, by the names of its classes (SB=...). Rule SB5: marks and format characters
# belong to the character before them.
_MARKS = r"[\p{SB=EX}\p{SB=FO}]*+"
_CLOSE = rf"(?:\p{{SB=CL}}{_MARKS})*+"
_SPACE = rf"(?:\p{{SB=SP}}{_MARKS})*+"
_PARAGRAPH = r"(?:\r\n|[\r\n\p{SB=SE}])"  # SB3, SB4
_GOES_ON = r"[\p{SB=SC}\p{SB=ST}\p{SB=AT}]"  # SB8a
_BEFORE_LOWER = r"[^\p{SB=LE}\p{SB=UP}\p{SB=LO}\p{SB=SE}\r\n\p{SB=ST}\p{SB=AT}]*+\p{SB=LO}"  # SB8
# A full stop inside a number or between a letter and a capital (SB6, SB7).
_INSIDE = rf"(?:\p{{SB=NU}}|(?<=[\p{{SB=UP}}\p{{SB=LO}}]{_MARKS}\p{{SB=AT}}{_MARKS})\p{{SB=UP}})"

_SENTENCE_END = regex.compile(
    rf"{_PARAGRAPH}"
    rf"|\p{{SB=ST}}{_MARKS}{_CLOSE}{_SPACE}(?:{_PARAGRAPH}|(?!{_GOES_ON}))"
    rf"|\p{{SB=AT}}{_MARKS}(?!{_INSIDE}){_CLOSE}{_SPACE}"
    rf"(?:{_PARAGRAPH}|(?!{_GOES_ON}|{_BEFORE_LOWER}))"
)


def sentence_ends(text: str, stop: int) -> list[int]:
    """Return where sentences of ``text`` end, before ``stop`` and rising.

    A sentence ends with its last character that is no white space. The whole text is left out.

    Parameters
    ----------
    text : str
    stop : int
        Position in ``text``.
    """
    ends: list[int] = []
    begin = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        while end > begin and text[end - 1].isspace():
            end -= 1
        if end >= stop:
            break
        if end > begin:
            ends.append(end)
        begin = match.end()
    return ends
