"""Demands on how large pictures are, as they are sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from budgetfit.constraints.base import Constraint
from budgetfit.constraints.checks import check_count, check_interval, interval_of
from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from budgetfit.constraints.base import Choice
    from budgetfit.problem.problem import CountRule

__all__ = ["MaxSize", "MaxTokensPerImage", "MinSize", "SameSize"]


@dataclass(frozen=True, slots=True)
class _SizeLimit(Constraint):
    """A limit of the pixels of all pictures, or of those from an interval.

    Raises
    ------
    UsageError
        A side is below 1, a time is negative or no number, or the end is before the start; when
        planning, no picture of the video can keep it.
    """

    width: int
    height: int
    start_s: float = 0.0
    end_s: float = math.inf

    _words: ClassVar[str]

    def __post_init__(self) -> None:
        what = type(self).__name__
        check_count(self.width, f"width of {what}")
        check_count(self.height, f"height of {what}")
        check_interval(self.start_s, self.end_s, what)

    @property
    def name(self) -> str:
        """Such as ``"pictures of at least 320x176 pixels from 3 to 8 s"``."""
        size = f"pictures of {self._words} {self.width}x{self.height} pixels"
        if self._is_global:
            return size
        return f"{size} {interval_of(self.start_s, self.end_s)}"

    @property
    def _is_global(self) -> bool:
        return self.start_s == 0 and self.end_s == math.inf

    def _keeps(self, choice: Choice) -> npt.NDArray[np.bool_]:
        raise NotImplementedError

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Forbid the options that break the limit."""
        keeps = self._keeps(choice)
        _check_any(keeps, self, _sizes(choice))
        inside = True if self._is_global else choice.in_interval(self.start_s, self.end_s)
        yield self.rule(~keeps & inside, maximum=0)


@dataclass(frozen=True, slots=True)
class MinSize(_SizeLimit):
    """Every picture, or every one from an interval, has at least these pixels on both sides.

    Raises
    ------
    UsageError
        A side is below 1, a time is negative or no number, or the end is before the start; when
        planning, it is more than this video's largest picture has.
    """

    _words = "at least"

    def _keeps(self, choice: Choice) -> npt.NDArray[np.bool_]:
        return (choice.width >= self.width) & (choice.height >= self.height)


@dataclass(frozen=True, slots=True)
class MaxSize(_SizeLimit):
    """Every picture, or every one from an interval, has at most these pixels on both sides.

    Raises
    ------
    UsageError
        A side is below 1, a time is negative or no number, or the end is before the start; when
        planning, it is less than this video's smallest useful picture has.
    """

    _words = "at most"

    def _keeps(self, choice: Choice) -> npt.NDArray[np.bool_]:
        return (choice.width <= self.width) & (choice.height <= self.height)


@dataclass(frozen=True, slots=True)
class SameSize(Constraint):
    """All pictures have one size."""

    same_level = True

    @property
    def name(self) -> str:
        """``"one common resolution"``."""
        return "one common resolution"

    def rules(self, choice: Choice) -> tuple[CountRule, ...]:
        """Demand nothing by counts: ``same_level`` says it."""
        return ()


@dataclass(frozen=True, slots=True)
class MaxTokensPerImage(Constraint):
    """No picture or sheet costs more, its label in text not counted: an engine's encoder budget.

    Raises
    ------
    UsageError
        The number is below 1; when planning, it is less than this video's smallest useful picture
        costs.
    """

    num_tokens: int

    def __post_init__(self) -> None:
        check_count(self.num_tokens, "num_tokens of MaxTokensPerImage")

    @property
    def name(self) -> str:
        """Such as ``"pictures of at most 500 tokens"``."""
        return f"pictures of at most {self.num_tokens} tokens"

    def allows_sheet(self, num_tokens: int) -> bool:
        """Tell whether it does not cost more."""
        return num_tokens <= self.num_tokens

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Forbid the options that cost more."""
        keeps = choice.num_tokens <= self.num_tokens
        least = int(choice.num_tokens.min())
        _check_any(keeps, self, f"the smallest costs {least} tokens")
        yield self.rule(~keeps, maximum=0)


def _sizes(choice: Choice) -> str:
    smallest, largest = choice.num_tokens.argmin(), choice.num_tokens.argmax()
    return (
        f"they have {choice.width[smallest]}x{choice.height[smallest]} to "
        f"{choice.width[largest]}x{choice.height[largest]} pixels"
    )


def _check_any(keeps: npt.NDArray[np.bool_], constraint: Constraint, there_is: str) -> None:
    if not keeps.any():
        raise UsageError(
            f"{constraint.name}: no picture of this video can be sent so, {there_is}; "
            "change the limit"
        )
