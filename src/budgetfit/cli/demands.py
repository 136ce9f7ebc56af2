"""From options to constraints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from budgetfit.constraints import Constraint

__all__ = ["Demands"]


@dataclass(frozen=True, slots=True)
class Demands:
    """What the options of a command demand of the plan, as they were written.

    Attributes
    ----------
    show_at : sequence of float
        Times in seconds.
    exclude : sequence of str
        Intervals ``A:B`` in seconds.
    at_least, at_most : sequence of str
        Numbers of frames and intervals, ``N:A:B``.
    min_spacing : float or None
        Seconds.
    min_size, max_size : str or None
        Pixels, ``WxH``.
    same_size : bool
        Whether all pictures have one size.
    max_tokens_per_image : int or None
        Tokens.
    """

    show_at: Sequence[float] | None = None
    exclude: Sequence[str] | None = None
    at_least: Sequence[str] | None = None
    at_most: Sequence[str] | None = None
    min_spacing: float | None = None
    min_size: str | None = None
    max_size: str | None = None
    same_size: bool = False
    max_tokens_per_image: int | None = None

    def constraints(self) -> list[Constraint]:
        """Return them as constraints.

        Raises
        ------
        UsageError
            One is not written as it must be, or has a value that cannot be used.
        """
        return list(self._constraints())

    def _constraints(self) -> Iterator[Constraint]:
        from budgetfit import constraints

        yield from map(constraints.Show, self.show_at or ())
        for text in self.exclude or ():
            yield constraints.Exclude(*_interval("--exclude", text))
        for text in self.at_least or ():
            yield constraints.AtLeast(*_count_and_interval("--at-least", text))
        for text in self.at_most or ():
            yield constraints.AtMost(*_count_and_interval("--at-most", text))
        if self.min_spacing is not None:
            yield constraints.MinSpacing(self.min_spacing)
        if self.min_size is not None:
            yield constraints.MinSize(*_size("--min-size", self.min_size))
        if self.max_size is not None:
            yield constraints.MaxSize(*_size("--max-size", self.max_size))
        if self.same_size:
            yield constraints.SameSize()
        if self.max_tokens_per_image is not None:
            yield constraints.MaxTokensPerImage(self.max_tokens_per_image)


def _interval(option: str, text: str) -> tuple[float, float]:
    start_s, end_s = _parts(option, text, ":", (float, float), "A:B in seconds, such as 3:8.5")
    return start_s, end_s


def _count_and_interval(option: str, text: str) -> tuple[int, float, float]:
    form = "N:A:B, frames and seconds, such as 2:3:8.5"
    num_frames, start_s, end_s = _parts(option, text, ":", (int, float, float), form)
    return int(num_frames), start_s, end_s


def _size(option: str, text: str) -> tuple[int, int]:
    form = "WxH in pixels, such as 320x176"
    width, height = _parts(option, text.lower(), "x", (int, int), form)
    return int(width), int(height)


def _parts(
    option: str, text: str, separator: str, kinds: Sequence[Callable[[str], float]], form: str
) -> list[float]:
    """Return the numbers of an option.

    Raises
    ------
    UsageError
        There are more or fewer, or one is no number.
    """
    try:
        return [kind(part) for kind, part in zip(kinds, text.split(separator), strict=True)]
    except ValueError:
        raise UsageError(f"{option} is {text!r}; give it as {form}") from None
