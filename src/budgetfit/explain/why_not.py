"""Why a moment that somebody asks about is not shown, or how it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.explain.questions import obstacles
from budgetfit.explain.saying import seconds, share, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.questions import Questions
    from budgetfit.explain.rival import Rival
    from budgetfit.explain.standing import Standing
    from budgetfit.made_from import MadeFrom

__all__ = ["WhyNot", "checked_times", "why_not"]


# From this share on a moment is said to resemble what shows it.
_RESEMBLES = 0.5


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a moment is not shown, or that it is.

    Attributes
    ----------
    asked_s : float
        The time asked about, in seconds.
    candidate_s : float
        When the frame is shown that stands for it, of those that were looked at.
    intervals_s : tuple of (float, float)
        Stretches of the video, in seconds, that this frame stands for.
    weight : float
        Their share of what there is to see.
    explained : float
        Share of them that the plan shows, in [0, 1].
    shown_by : int or None
        Index into ``Plan.frames`` of the frame that shows most of them; None where none shows any.
    shown_by_s : float or None
        When that frame is shown.
    rival : Rival or None
        The best plan that shows the candidate; None where this one does, or none can.
    obstacles : tuple of str
        Where no plan can, the limits and constraints that forbid it.
    """

    asked_s: float
    candidate_s: float
    intervals_s: tuple[tuple[float, float], ...]
    weight: float
    explained: float
    shown_by: int | None
    shown_by_s: float | None
    rival: Rival | None
    obstacles: tuple[str, ...]

    @property
    def is_shown(self) -> bool:
        """Whether the plan shows the candidate itself."""
        return self.candidate_s == self.shown_by_s

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands for the moment, whether it is shown, and what showing it would cost."""
        stands = f"{seconds(self.asked_s)} is in {stretches(self.intervals_s)}"
        if len(self.intervals_s) > 1:
            stands = f"{seconds(self.asked_s)} is like {stretches(self.intervals_s)}"
        stands += (
            f", {share(self.weight)} of the video, for which the frame of "
            f"{seconds(self.candidate_s)} stands."
        )
        return (stands, self._shown, *self._cost)

    @property
    def _shown(self) -> str:
        if self.weight == 0:
            return "It counts for nothing: it is blank, or was given no weight."
        if self.shown_by_s is None:
            return "The plan shows nothing of it."
        shown = share(self.explained)
        if self.is_shown:
            return f"The plan shows that very frame, and {shown} of the moment."
        if self.explained < _RESEMBLES:
            return f"{shown} of it is shown, by the frame of {seconds(self.shown_by_s)}."
        return f"It resembles the frame of {seconds(self.shown_by_s)}: {shown} of it is shown."

    @property
    def _cost(self) -> tuple[str, ...]:
        if self.is_shown:
            return ()
        if self.rival is None:
            return (f"No plan can show it: {'; '.join(self.obstacles)}.",)
        costs = "nothing" if self.rival.loss <= 0 else f"{share(self.rival.loss)} of the video"
        return (f"Showing it would cost {costs}: with it {self.rival.sentence}.",)


def why_not(made: MadeFrom, questions: Questions, stands: Standing, time_s: float) -> WhyNot:
    """Return why a moment that ``checked_times`` passed is not shown."""
    candidate = stands.candidate_at(time_s)
    problem, times_s = questions.problem, questions.time_s
    shown = [int(problem.option_candidate[option]) for option in questions.solution.options]
    frame: int | None = None
    if candidate in shown:
        frame = shown.index(candidate)
    elif stands.alone[candidate].any():
        frame = int(stands.alone[candidate].argmax())
    asked = questions.containing(candidate)
    rival = None if candidate in shown else questions.best(asked)
    forbidden = candidate not in shown and rival is None
    worth = int(stands.worth[candidate])
    return WhyNot(
        asked_s=float(time_s),
        candidate_s=float(times_s[candidate]),
        intervals_s=stands.intervals([candidate]),
        weight=questions.share(worth),
        explained=int(stands.explained[candidate]) / worth if worth else 0.0,
        shown_by=frame,
        shown_by_s=None if frame is None else float(times_s[shown[frame]]),
        rival=rival,
        obstacles=obstacles(asked, made.job.limits) if forbidden else (),
    )


def checked_times(stands: Standing, times_s: Sequence[float]) -> tuple[float, ...]:
    """Return the times, each once.

    Raises
    ------
    UsageError
        One is no number, or lies outside the part of the video that was planned.
    """
    first_s, last_s = float(stands.edges_s[0]), float(stands.edges_s[-1])
    for time_s in times_s:
        is_number = isinstance(time_s, int | float) and not isinstance(time_s, bool)
        if not is_number or not math.isfinite(time_s):
            raise UsageError(f"why_not_s has {time_s!r}; give seconds")
        # The first frame is shown from the start of the video on.
        if not min(first_s, stands.start_s) <= time_s <= last_s:
            raise UsageError(
                f"why_not_s has {time_s} s, but the plan is about {seconds(stands.start_s)} to "
                f"{seconds(last_s)}; give a time in it"
            )
    return tuple(dict.fromkeys(times_s))
