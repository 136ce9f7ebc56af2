"""Why a plan is as it is: what was bought with each token, and what more would buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from budgetfit.explain.limits import (
    ExplainedConstraint,
    ExplainedLimit,
    explained_constraints,
    explained_images,
    explained_tokens,
)
from budgetfit.explain.pictures import ExplainedPicture, explained_pictures
from budgetfit.explain.prices import prices_of
from budgetfit.explain.questions import Questions
from budgetfit.explain.restoring import restored
from budgetfit.explain.saying import counted, plain, seconds
from budgetfit.explain.standing import standing
from budgetfit.explain.texts import CutText, explained_prompt
from budgetfit.explain.why_not import WhyNot, checked_times, why_not
from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.plans import Plan
    from budgetfit.video.sources import Video

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan is as it is.

    Shares of the video are shares of all that there is to see in it, as ``Plan.information`` is.

    Attributes
    ----------
    summary : str
        What the plan shows, with how many tokens, and what is proved of it.
    pictures : tuple of ExplainedPicture
        Why each of ``Plan.pictures`` is sent, and at that size.
    why_not : tuple of WhyNot
        Why moments that were asked about are not shown.
    tokens : ExplainedLimit
        The price of a token.
    images : ExplainedLimit or None
        The price of an image; None where nothing but the tokens limits them.
    constraints : tuple of ExplainedConstraint
        The price of each constraint.
    prompt : tuple of CutText
        What was left out of the prompt, and its price.
    """

    summary: str
    pictures: tuple[ExplainedPicture, ...]
    why_not: tuple[WhyNot, ...]
    tokens: ExplainedLimit
    images: ExplainedLimit | None
    constraints: tuple[ExplainedConstraint, ...]
    prompt: tuple[CutText, ...]

    @property
    def sections(self) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
        """Headings, each with paragraphs of sentences."""
        limits = [limit for limit in (self.tokens, self.images) if limit is not None]
        asked = {seconds(one.asked_s): one.sentences for one in self.why_not}
        found = (
            ("Pictures", tuple(picture.sentences for picture in self.pictures)),
            *((f"Why not {time_s}?", (sentences,)) for time_s, sentences in asked.items()),
            ("Limits", tuple(limit.sentences for limit in limits)),
            ("Constraints", tuple(one.sentences for one in self.constraints)),
            ("Text left out", tuple(text.sentences for text in self.prompt)),
        )
        return tuple(section for section in found if section[1])

    def __str__(self) -> str:
        """Return the whole explanation in plain sentences."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.summary
        for heading, paragraphs in self.sections:
            yield ""
            yield heading
            for paragraph in paragraphs:
                first, *others = paragraph
                yield f"- {first}"
                yield from (f"  {sentence}" for sentence in others)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data, for JSON."""
        return cast("dict[str, Any]", plain(self))


def explain(
    plan: Plan, *, why_not_s: Sequence[float] = (), video: Video | None = None
) -> Explanation:
    """Say why a plan is as it is.

    Every "best plan" in it is solved for and has a proved bound. It takes about as long as the plan
    took to be solved, for each frame that is shown, each moment asked about, each constraint, and
    five times more.

    Parameters
    ----------
    plan : Plan
        The plan.
    why_not_s : sequence of float
        Moments to ask about, in seconds.
    video : Video, optional
        The video, where the plan comes from a file and its path does not lead to it.

    Raises
    ------
    UsageError
        A moment is outside what was planned; or the plan cannot be asked, since it was made with
        functions that no file can hold.
    VideoError
        The video cannot be read; ``VideoChangedError`` where it is another than the one planned.
    PlanFileError
        The plan's file does not say what was asked, or this version measures the video otherwise.
    """
    plan = restored(plan, video)
    made = plan.made_from
    if made is None:
        raise RuntimeError("a restored plan has what it was made from")
    stands = standing(made)
    times_s = checked_times(stands, why_not_s)
    questions = Questions.about(plan, made)
    prices = prices_of(questions.problem, questions.solution, questions.worth)
    tokens, images = explained_tokens(questions, prices), explained_images(questions, prices)
    return Explanation(
        summary=_summary(plan),
        pictures=explained_pictures(made, questions, stands, prices),
        why_not=tuple(why_not(made, questions, stands, time_s) for time_s in times_s),
        tokens=tokens,
        images=images,
        constraints=explained_constraints(made, questions),
        prompt=explained_prompt(plan, made, questions),
    )


def _summary(plan: Plan) -> str:
    tokens = f"{plan.num_tokens} of {counted(plan.limits.max_prompt_tokens, 'prompt token')}"
    return f"{words.clip_name(plan)}: {words.pictures(plan)}, {tokens}. {words.proof(plan)}."
