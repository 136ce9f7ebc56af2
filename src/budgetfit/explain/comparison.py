"""Two plans of one video beside each other: token by token, moment by moment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UsageError
from budgetfit.explain.moments import explained_moments
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.explain.moments import ExplainedMoment
    from budgetfit.plans import Plan

__all__ = ["ComparedMoment", "ComparedNumber", "Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """A number of two plans.

    Attributes
    ----------
    name : str
        What it is, such as ``"pictures"``.
    first, second : int or None
        Of each plan; None where there is no limit.
    """

    name: str
    first: int | None
    second: int | None


@dataclass(frozen=True, slots=True)
class ComparedMoment:
    """A moment of the video, and what each plan shows of it.

    Attributes
    ----------
    time_s, span_s : float
        When it is, and seconds of the video that it stands for.
    weight : float
        Its share of what there is to see.
    first, second : float
        Share of it that each plan shows, in [0, 1].
    """

    time_s: float
    span_s: float
    weight: float
    first: float
    second: float

    @property
    def gain(self) -> float:
        """Information that the second plan has more of here; below 0 where it has less."""
        return self.weight * (self.second - self.first)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans of one video.

    Attributes
    ----------
    information : (float, float)
        Of each plan.
    best_bound : (float, float)
        Of each plan: what is proved that its limits allow.
    tokens : tuple of ComparedNumber
        Where each plan's tokens go: pictures, time labels, text, template, and those left unused;
        of each plan they add up to the prompt tokens that it may have.
    limits : tuple of ComparedNumber
        ``max_model_len``, ``max_tokens``, ``max_prompt_tokens``, ``max_images``.
    moments : tuple of ComparedMoment
        In time order.
    same_measure : bool
        Both plans were measured in the same moments, so that gains add up to the difference in
        information, but for the rounding to integers that planning does. Else they were looked at
        differently, as where constraints or weights name moments: the moments are then those of the
        plan that has more of them, and the other plan shows of each what it shows of its own
        nearest moment.
    same_prompt : bool
        Both send the same text.
    """

    information: tuple[float, float]
    best_bound: tuple[float, float]
    tokens: tuple[ComparedNumber, ...]
    limits: tuple[ComparedNumber, ...]
    moments: tuple[ComparedMoment, ...]
    same_measure: bool
    same_prompt: bool

    @property
    def better(self) -> tuple[ComparedMoment, ...]:
        """Moments that the second plan shows better, the largest gain first."""
        found = [moment for moment in self.moments if moment.gain > 0]
        return tuple(sorted(found, key=lambda moment: -moment.gain))

    @property
    def worse(self) -> tuple[ComparedMoment, ...]:
        """Moments that the second plan shows worse, the largest loss first."""
        found = [moment for moment in self.moments if moment.gain < 0]
        return tuple(sorted(found, key=lambda moment: moment.gain))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "information": list(self.information),
            "best_bound": list(self.best_bound),
            "tokens": [asdict(number) for number in self.tokens],
            "limits": [asdict(number) for number in self.limits],
            "moments": [{**asdict(moment), "gain": moment.gain} for moment in self.moments],
            "same_measure": self.same_measure,
            "same_prompt": self.same_prompt,
        }

    def __str__(self) -> str:
        return "\n".join(_sentences(self))


def compare(plan: Plan, other: Plan) -> Comparison:
    """Compare two plans of one video.

    Parameters
    ----------
    plan, other : Plan
        The first and the second.

    Raises
    ------
    UsageError
        They plan different videos.
    VideoError, PlanFileError
        A plan comes from a file: as :func:`~budgetfit.explain.restoring.restored`.
    """
    if plan.video.fingerprint != other.video.fingerprint:
        raise UsageError(
            f"the plans are of different videos, {words.clip_name(plan)} and "
            f"{words.clip_name(other)}; compare plans of one video"
        )
    first, second = explained_moments(plan), explained_moments(other)
    return Comparison(
        information=(plan.information, other.information),
        best_bound=(plan.best_bound, other.best_bound),
        tokens=_tokens(plan, other),
        limits=_limits(plan, other),
        moments=_moments(first, second),
        same_measure=_measured(first) == _measured(second),
        same_prompt=plan.prompt.text == other.prompt.text
        and plan.system_prompt == other.system_prompt,
    )


def _tokens(plan: Plan, other: Plan) -> tuple[ComparedNumber, ...]:
    first, second = words.token_parts(plan), words.token_parts(other)
    return (
        ComparedNumber("pictures", first.pictures, second.pictures),
        ComparedNumber("time labels", first.labels, second.labels),
        ComparedNumber("text", first.text, second.text),
        ComparedNumber("template", first.template, second.template),
        ComparedNumber("unused", first.unused, second.unused),
    )


def _limits(plan: Plan, other: Plan) -> tuple[ComparedNumber, ...]:
    first, second = asdict(plan.limits), asdict(other.limits)
    return tuple(ComparedNumber(name, first[name], second[name]) for name in first)


def _measured(moments: Sequence[ExplainedMoment]) -> list[tuple[float, float]]:
    return [(moment.time_s, moment.weight) for moment in moments]


def _moments(
    first: Sequence[ExplainedMoment], second: Sequence[ExplainedMoment]
) -> tuple[ComparedMoment, ...]:
    """Return the moments of the plan that has more of them."""
    finer = second if len(second) > len(first) else first
    return tuple(
        ComparedMoment(
            time_s=moment.time_s,
            span_s=moment.span_s,
            weight=moment.weight,
            first=_nearest(first, moment.time_s).explained,
            second=_nearest(second, moment.time_s).explained,
        )
        for moment in finer
    )


def _nearest(moments: Sequence[ExplainedMoment], time_s: float) -> ExplainedMoment:
    return min(moments, key=lambda moment: abs(moment.time_s - time_s))


def _sentences(comparison: Comparison) -> list[str]:
    first, second = comparison.information
    points = 100 * (second - first)
    if round(points, 1):
        more = "more" if points > 0 else "less"
        shown = f"{abs(points):.1f} points {more} of the video than the first"
    else:
        shown = "as much of the video as the first"
    sentences = [f"The second plan shows {shown}: {second:.1%} against {first:.1%}."]
    sentences += _of_moments("better", comparison.better)
    sentences += _of_moments("worse", comparison.worse)
    sentences += _of_tokens(comparison.tokens)
    sentences += [
        f"Its {limit.name} is {_number(limit.second)} against {_number(limit.first)}."
        for limit in comparison.limits
        if limit.first != limit.second
    ]
    if not comparison.same_prompt:
        sentences.append("They send different texts.")
    if not comparison.same_measure:
        sentences.append(
            "They were measured in different moments, so what is said of moments is approximate."
        )
    return sentences


def _of_moments(how: str, moments: Sequence[ComparedMoment]) -> list[str]:
    if not moments:
        return []
    number = "1 moment" if len(moments) == 1 else f"{len(moments)} moments"
    most, points = moments[0], abs(100 * sum(moment.gain for moment in moments))
    return [
        f"It shows {number} {how}, worth {points:.1f} points, above all that at "
        f"{words.time(most.time_s)} ({most.first:.0%} of it before, {most.second:.0%} now)."
    ]


def _of_tokens(tokens: Sequence[ComparedNumber]) -> list[str]:
    changed = [
        f"{number.name} {number.second} against {number.first}"
        for number in tokens
        if number.first != number.second
    ]
    return [f"Its tokens: {', '.join(changed)}."] if changed else []


def _number(limit: int | None) -> str:
    return "unlimited" if limit is None else str(limit)
