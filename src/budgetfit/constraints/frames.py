"""Demands on which frames are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budgetfit.constraints.base import Constraint
from budgetfit.constraints.checks import (
    check_count,
    check_interval,
    check_seconds,
    frames_of,
    interval_of,
    seconds_of,
)
from budgetfit.errors import UsageError
from budgetfit.video.info import TIME_PRECISION_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.constraints.base import Choice
    from budgetfit.problem.problem import CountRule

__all__ = ["AtLeast", "AtMost", "Exclude", "MinSpacing", "Show"]


@dataclass(frozen=True, slots=True)
class Show(Constraint):
    """The very frame that a player shows at ``time_s`` must be shown, at any size.

    Before the first frame that is the first one.

    Raises
    ------
    UsageError
        The time is negative or no number; when planning, it is after the video's end.
    """

    time_s: float

    def __post_init__(self) -> None:
        check_seconds(self.time_s, "time_s of Show")

    @property
    def name(self) -> str:
        """Such as ``"the frame shown at 2.5 s"``."""
        return f"the frame shown at {seconds_of(self.time_s)} s"

    @property
    def also_at_s(self) -> tuple[float, ...]:
        """The time itself."""
        return (self.time_s,)

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Demand one of the frame's options."""
        yield self.rule(choice.shown_at(self.time_s), minimum=1)


@dataclass(frozen=True, slots=True)
class Exclude(Constraint):
    """No frame from an interval; ``end_s`` may be ``math.inf``.

    Raises
    ------
    UsageError
        A time is negative or no number, or the end is before the start.
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s, "Exclude")

    @property
    def name(self) -> str:
        """Such as ``"no frame from 3 to 8 s"``."""
        return f"no frame {interval_of(self.start_s, self.end_s)}"

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Forbid the interval's options."""
        yield self.rule(choice.in_interval(self.start_s, self.end_s), maximum=0)


@dataclass(frozen=True, slots=True)
class AtLeast(Constraint):
    """At least ``num_frames`` frames from an interval inside the video.

    The interval's ends and moments evenly spread between them become candidates, so that there is
    something to choose from however short it is.

    Raises
    ------
    UsageError
        The number is below 1, a time is negative or no number, or the end is before the start;
        when planning, the interval ends after the video, or has fewer frames.
    """

    num_frames: int
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        check_count(self.num_frames, "num_frames of AtLeast")
        check_interval(self.start_s, self.end_s, "AtLeast")
        check_seconds(self.end_s, "end_s of AtLeast")

    @property
    def name(self) -> str:
        """Such as ``"at least 2 frames from 3 to 8 s"``."""
        return f"at least {frames_of(self.num_frames)} {interval_of(self.start_s, self.end_s)}"

    @property
    def also_at_s(self) -> tuple[float, ...]:
        """The interval's ends and what cuts it into ``num_frames`` equal parts."""
        return tuple(np.linspace(self.start_s, self.end_s, self.num_frames + 1).tolist())

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Demand options of the interval."""
        options = choice.in_interval(self.start_s, self.end_s)
        number = len(np.unique(choice.candidate[options]))
        if number < self.num_frames:
            raise UsageError(
                f"{self.name} cannot be had: {frames_of(number)} of those looked at "
                f"{'lies' if number == 1 else 'lie'} there; widen the interval, ask for fewer, or "
                "raise num_candidates"
            )
        yield self.rule(options, minimum=self.num_frames)


@dataclass(frozen=True, slots=True)
class AtMost(Constraint):
    """At most ``num_frames`` frames from an interval; ``end_s`` may be ``math.inf``.

    Raises
    ------
    UsageError
        The number or a time is negative or no number, or the end is before the start.
    """

    num_frames: int
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        check_count(self.num_frames, "num_frames of AtMost", least=0)
        check_interval(self.start_s, self.end_s, "AtMost")

    @property
    def name(self) -> str:
        """Such as ``"at most 2 frames from 3 to 8 s"``."""
        return f"at most {frames_of(self.num_frames)} {interval_of(self.start_s, self.end_s)}"

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Limit the interval's options."""
        options = choice.in_interval(self.start_s, self.end_s)
        yield self.rule(options, maximum=self.num_frames)


@dataclass(frozen=True, slots=True)
class MinSpacing(Constraint):
    """Any two frames are at least ``seconds`` apart.

    Raises
    ------
    UsageError
        The time is negative or no number.
    """

    seconds: float

    def __post_init__(self) -> None:
        check_seconds(self.seconds, "seconds of MinSpacing")

    @property
    def name(self) -> str:
        """Such as ``"frames at least 1.5 s apart"``."""
        return f"frames at least {seconds_of(self.seconds)} s apart"

    def rules(self, choice: Choice) -> Iterator[CountRule]:
        """Allow one frame of each longest run of candidates that are all too near to each other.

        Every pair that is too near lies in such a run, so shorter ones would add nothing.
        """
        times = choice.time_s
        ends = np.searchsorted(times, times + (self.seconds - TIME_PRECISION_S), side="left")
        covered = 1
        for first, end in enumerate(ends.tolist()):
            if end - first > 1 and end > covered:
                in_run = (choice.candidate >= first) & (choice.candidate < end)
                yield self.rule(in_run, maximum=1)
            covered = max(covered, end)
