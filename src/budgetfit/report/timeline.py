"""Which picture explains which moment of the video, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from budgetfit.render import words
from budgetfit.report.axes import Tick, time_ticks
from budgetfit.report.naming import NUM_COLORS, frame_names, frame_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.explain.moments import ExplainedMoment
    from budgetfit.plans import Plan
    from budgetfit.report.pictures import PageImage

__all__ = ["Bar", "Mark", "StandsFor", "Timeline", "stand_for", "timeline_of"]

# Shares of the width that two numbers need between them: on a wide screen, and on a phone.
_WIDE, _NARROW = 0.022, 0.07


@dataclass(frozen=True, slots=True)
class Bar:
    """A moment of the video.

    Attributes
    ----------
    time : str
        When it is, in words.
    start, width : float
        Where it lies, as shares of the timeline.
    weight, explained : float
        As those of ``ExplainedMoment``.
    color : int or None
        Which colour the picture that shows most of it has.
    picture : str
        What that picture is called.
    span : str
        The stretch of the video that it stands for.
    thumbnail : PageImage
        How it looks.
    """

    time: str
    start: float
    width: float
    weight: float
    explained: float
    color: int | None
    picture: str
    span: str
    thumbnail: PageImage

    @property
    def sentence(self) -> str:
        """What is shown of it and by what."""
        if not self.weight:
            return "There is nothing to see here, so it does not count."
        counts = f"It counts for {self.weight:.1%} of the video"
        if self.color is None:
            return f"No picture shows any of it. {counts}."
        return f"{self.explained:.0%} of it is shown, by {self.picture}. {counts}."


@dataclass(frozen=True, slots=True)
class Mark:
    """A frame that is sent, above the timeline.

    Attributes
    ----------
    number : int
        Of its picture.
    at : float
        Where, as a share of the width.
    color : int
        Its picture's.
    where : str
        On which screens its number has room: ``"all"``, ``"wide"`` or ``"none"``.
    """

    number: int
    at: float
    color: int
    where: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline.

    Attributes
    ----------
    bars : tuple of Bar
        In time order, without gaps.
    marks : tuple of Mark
        One for each of ``Plan.frames``.
    ticks : tuple of Tick
        Of the time axis.
    part : str or None
        Which part of the video it is; None where it is all of it.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    part: str | None


@dataclass(frozen=True, slots=True)
class StandsFor:
    """What a picture shows most of.

    Attributes
    ----------
    intervals : str
        Stretches of the video in words; empty where there is none.
    weight : float
        Their share of what there is to see.
    shown : float
        The share of the video that it shows of them.
    """

    intervals: str
    weight: float
    shown: float


def timeline_of(
    plan: Plan,
    moments: Sequence[ExplainedMoment],
    thumbnails: Sequence[PageImage],
    start_s: float,
) -> Timeline:
    """Return the timeline of moments that begin at ``start_s`` seconds and follow each other."""
    names, numbers = frame_names(plan), frame_pictures(plan)
    begins_s = _begins_s(moments, start_s)
    length_s = max(begins_s[-1] - start_s, 1e-9)
    bars = [
        Bar(
            time=words.time(moment.time_s),
            start=(begin_s - start_s) / length_s,
            width=(end_s - begin_s) / length_s,
            weight=moment.weight,
            explained=moment.explained,
            color=None if moment.frame is None else (numbers[moment.frame] - 1) % NUM_COLORS,
            picture="none" if moment.frame is None else names[moment.frame],
            span=_span(begin_s, end_s),
            thumbnail=thumbnail,
        )
        for moment, thumbnail, begin_s, end_s in zip(
            moments, thumbnails, begins_s, begins_s[1:], strict=False
        )
    ]
    at = [(frame.time_s - start_s) / length_s for frame in plan.frames]
    whole = length_s >= plan.video.duration_s - 0.1
    return Timeline(
        bars=tuple(bars),
        marks=tuple(_marks(numbers, [min(1.0, max(0.0, share)) for share in at])),
        ticks=time_ticks(start_s, start_s + length_s),
        part=None if whole else _span(start_s, begins_s[-1]),
    )


def stand_for(
    plan: Plan, moments: Sequence[ExplainedMoment], start_s: float
) -> tuple[StandsFor, ...]:
    """Return for each of ``plan.pictures`` the moments that it shows most of."""
    numbers = frame_pictures(plan)
    begins_s = _begins_s(moments, start_s)
    owners = [None if m.frame is None else numbers[m.frame] for m in moments]
    found = []
    for number in range(1, len(plan.pictures) + 1):
        runs = [
            [index for index, _ in run]
            for owner, run in groupby(enumerate(owners), key=lambda pair: pair[1])
            if owner == number
        ]
        own = [moments[index] for run in runs for index in run]
        found.append(
            StandsFor(
                intervals=", ".join(_span(begins_s[run[0]], begins_s[run[-1] + 1]) for run in runs),
                weight=sum(moment.weight for moment in own),
                shown=sum(moment.weight * moment.explained for moment in own),
            )
        )
    return tuple(found)


def _begins_s(moments: Sequence[ExplainedMoment], start_s: float) -> list[float]:
    """Return when each moment begins, and when the last one ends."""
    return list(accumulate((moment.span_s for moment in moments), initial=start_s))


def _span(begin_s: float, end_s: float) -> str:
    return f"{words.time(begin_s)} to {words.time(end_s)}"


def _marks(numbers: Sequence[int], at: Sequence[float]) -> Iterator[Mark]:
    last = {"all": -1.0, "wide": -1.0}
    for number, share in zip(numbers, at, strict=True):
        where = "none"
        if share - last["wide"] >= _WIDE:
            where = "all" if share - last["all"] >= _NARROW else "wide"
            last["wide"] = share
            if where == "all":
                last["all"] = share
        yield Mark(number, share, (number - 1) % NUM_COLORS, where)
