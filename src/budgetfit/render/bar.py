"""One line that shows where the tokens go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions

__all__ = ["Part", "TokenBar", "bar_widths"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar.

    Attributes
    ----------
    num_tokens : int
        Its tokens.
    glyph, ascii_glyph : str
        One character each; the second for terminals whose encoding is not UTF-8.
    style : str
        rich's name of a style; without colours the glyphs still tell parts apart.
    """

    num_tokens: int
    glyph: str
    ascii_glyph: str
    style: str

    def symbol(self, *, ascii_only: bool) -> str:
        """Return the character to draw with."""
        return self.ascii_glyph if ascii_only else self.glyph


@dataclass(frozen=True, slots=True)
class TokenBar:
    """A bar as wide as the terminal, made of ``parts`` from left to right."""

    parts: Sequence[Part]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        widths = bar_widths([part.num_tokens for part in self.parts], options.max_width)
        line = Text(no_wrap=True)
        for part, width in zip(self.parts, widths, strict=True):
            line.append(part.symbol(ascii_only=options.ascii_only) * width, part.style)
        yield line

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


def bar_widths(counts: Sequence[int], width: int) -> list[int]:
    """Share ``width`` cells among ``counts``, in proportion, and at least one for each not 0.

    Where there are more parts than cells, the smallest get none.
    """
    shown = sorted((i for i, count in enumerate(counts) if count), key=lambda i: (-counts[i], i))
    shown = shown[:width]
    widths = [0] * len(counts)
    total = sum(counts[i] for i in shown)
    spare = width - len(shown)
    remainders = []
    for i in shown:
        whole, remainder = divmod(counts[i] * spare, total)
        widths[i] = 1 + whole
        remainders.append((-remainder, i))
    for _, i in sorted(remainders)[: width - sum(widths)]:
        widths[i] += 1
    return widths
