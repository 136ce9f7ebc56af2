"""A plan's numbers in words, the same on a terminal and on a picture."""

from __future__ import annotations

import math
import os
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from budgetfit.plan_parts import PlannedFrame
from budgetfit.time_labels import tenths

if TYPE_CHECKING:
    from budgetfit.plan_parts import PlannedSheet
    from budgetfit.plans import Plan

__all__ = [
    "TokenParts",
    "clip_name",
    "moments",
    "pictures",
    "printable",
    "proof",
    "shortened",
    "size",
    "time",
    "times",
    "token_parts",
]

# Invisible, but part of how Persian, Indic scripts and emoji are written.
_JOINERS = frozenset("\u200c\u200d")


def printable(text: str, *, keep: str = "") -> str:
    r"""Return ``text`` with everything that could act on a terminal as an escape.

    Control characters, lone surrogates, line and paragraph separators and marks that reorder text
    become ``\x1b``, ``\udcff`` or ``\u202e``; the characters in ``keep`` stay.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(
        char if char in keep or not _acts(char) else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _acts(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _JOINERS


def shortened(text: str, num_chars: int) -> str:
    """Return ``text``, or its beginning and three dots where it has over ``num_chars``."""
    return text if len(text) <= num_chars else text[: num_chars - 3] + "..."


def clip_name(plan: Plan) -> str:
    """Return the file's name without its folder; words where the video was no file."""
    return printable(os.path.basename(plan.video.path)) if plan.video.path else "video in memory"


def time(time_s: float) -> str:
    """Return a time in seconds, from a minute on in minutes.

    >>> time(9.7), time(83.25), time(-0.02)
    ('9.70 s', '1:23.25', '-0.02 s')
    """
    # In whole hundredths, so that 59.999 does not become 60.00 s.
    hundredths = round(abs(time_s) * 100)
    sign = "-" if time_s < 0 and hundredths else ""
    minutes, rest = divmod(hundredths, 6000)
    if not minutes:
        return f"{sign}{rest / 100:.2f} s"
    return f"{sign}{minutes}:{rest / 100:05.2f}"


def times(plan: Plan, picture: PlannedFrame | PlannedSheet) -> str:
    """Return when a picture's moments are shown, as ``"9.70 s"``.

    A sheet's are in seconds, to a tenth as its labels are, line by line as its tiles lie.
    """
    if isinstance(picture, PlannedFrame):
        return time(picture.time_s)
    shown = [tenths(frame.time_s) for frame in plan.frames_of(picture)]
    width, across = max(map(len, shown)), picture.columns
    padded = [text.rjust(width) for text in shown]
    lines = (padded[start : start + across] for start in range(0, len(padded), across))
    return "\n".join(f"{' '.join(line)} s" for line in lines)


def moments(plan: Plan, picture: PlannedFrame | PlannedSheet) -> str:
    """Return in few words what a picture shows.

    Such as ``"9.70 s"``, or ``"3x2 tiles, 0.00 s to 9.70 s"`` for a sheet.
    """
    frames = plan.frames_of(picture)
    first, last = time(frames[0].time_s), time(frames[-1].time_s)
    if isinstance(picture, PlannedFrame):
        return first
    return f"{picture.columns}x{picture.rows} tiles, {first} to {last}"


def pictures(plan: Plan) -> str:
    """Return how many pictures are sent, as ``"1 picture"`` or ``"2 pictures of 13 moments"``."""
    number = len(plan.pictures)
    named = "1 picture" if number == 1 else f"{number} pictures"
    return f"{named} of {len(plan.frames)} moments" if plan.sheets else named


def size(picture: PlannedFrame | PlannedSheet) -> str:
    """Return the pixels that are sent, as ``"640x352"``."""
    return f"{picture.width}x{picture.height}"


def proof(plan: Plan) -> str:
    """Return in one line how much of the video is shown and how good that is."""
    shown = f"{plan.information:.1%} of the video"
    if plan.status == "OPTIMAL":
        return f"{shown}, proved optimal ({plan.proved_by})"
    # Rounded up: what is said to be proved must be.
    gap = math.ceil(plan.gap * 10_000) / 100
    return f"{shown}, proved within {gap:.2f}% of the best possible ({plan.proved_by})"


class TokenParts(NamedTuple):
    """Where the tokens go; they add up to ``plan.limits.max_prompt_tokens``."""

    template: int
    text: int
    labels: int
    pictures: int
    unused: int


def token_parts(plan: Plan) -> TokenParts:
    """Return the tokens of template, text, time labels and pictures, and those left unused."""
    pictures = sum(picture.num_tokens for picture in plan.pictures)
    labels = plan.num_label_tokens
    return TokenParts(
        template=plan.num_tokens - plan.prompt.num_tokens - labels - pictures,
        text=plan.prompt.num_tokens,
        labels=labels,
        pictures=pictures,
        unused=plan.limits.max_prompt_tokens - plan.num_tokens,
    )
