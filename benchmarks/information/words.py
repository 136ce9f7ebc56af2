"""The words of a moment, and which of them can be read from a picture."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MIN_LETTERS", "read_flags", "split_words", "within_one_edit"]

MIN_LETTERS = 3
"""Shorter words are left out: a misread stroke makes one, and none is worth much."""

# A word from this length on may be read with one letter wrong, missing or too many.
_FORGIVEN_LETTERS = 6

_WORD = re.compile(r"[^\W_]+", re.UNICODE)

BoolArray = npt.NDArray[np.bool_]


def split_words(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the words of lines of text: runs of letters and digits, case folded, in order.

    Words shorter than ``MIN_LETTERS`` are left out.
    """
    found = (word.casefold() for line in lines for word in _WORD.findall(line))
    return tuple(word for word in found if len(word) >= MIN_LETTERS)


def within_one_edit(first: str, second: str) -> bool:
    """Whether one insertion, deletion or substitution of a letter at most tells two words apart."""
    shorter, longer = sorted((first, second), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = 0
    while same < len(shorter) and shorter[same] == longer[same]:
        same += 1
    if len(shorter) == len(longer):
        return shorter[same + 1 :] == longer[same + 1 :]
    return shorter[same:] == longer[same + 1 :]


def read_flags(words: Sequence[str], seen: Iterable[str]) -> BoolArray:
    """Tell which of ``words`` of a moment are among the words ``seen`` on a picture.

    A word counts as often as it is seen: of three occurrences two are read where the picture has
    two. A word of six letters and more may be one edit away from a seen word that is not needed
    for another; exact readings are matched first.

    Returns
    -------
    (num_words,) bool array
    """
    left = Counter(seen)
    flags = np.zeros(len(words), dtype=np.bool_)
    for index, word in enumerate(words):
        if left[word] > 0:
            left[word] -= 1
            flags[index] = True
    for index in np.flatnonzero(~flags):
        word = words[index]
        if len(word) < _FORGIVEN_LETTERS:
            continue
        near = next((other for other in left if left[other] and within_one_edit(word, other)), None)
        if near is not None:
            left[near] -= 1
            flags[index] = True
    return flags
