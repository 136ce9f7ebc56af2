"""Why each picture is sent, and at that size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.explain.questions import obstacles
from budgetfit.explain.saying import counted, seconds, share, stretches
from budgetfit.explain.sizes import OtherSize, loss_of, num_tokens_of, other_size, without
from budgetfit.problem.images import images_of

if TYPE_CHECKING:
    from budgetfit.explain.prices import Prices
    from budgetfit.explain.questions import Questions
    from budgetfit.explain.rival import Rival
    from budgetfit.explain.standing import Standing
    from budgetfit.made_from import MadeFrom

__all__ = ["ExplainedFrame", "ExplainedPicture", "explained_pictures"]


@dataclass(frozen=True, slots=True)
class ExplainedFrame:
    """Why a frame is shown, as a picture of its own or as a tile.

    Attributes
    ----------
    frame : int
        Index into ``Plan.frames``.
    time_s : float
        When it is, in seconds.
    intervals_s : tuple of (float, float)
        Stretches of the video, in seconds, of which it shows most.
    weight : float
        Their share of what there is to see.
    explained : float
        Share of that which it shows, in [0, 1].
    loss : float
        What the plan would show less without it, all else unchanged: as a share of the video.
    rival : Rival or None
        The best plan that does not show it; None where there is none.
    obstacles : tuple of str
        Where there is no such plan, the constraints that demand it.
    """

    frame: int
    time_s: float
    intervals_s: tuple[tuple[float, float], ...]
    weight: float
    explained: float
    loss: float
    rival: Rival | None
    obstacles: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it stands for, and what there would be without it."""
        stands = "It shows most of no moment"
        if self.intervals_s:
            stands = (
                f"It stands for {stretches(self.intervals_s)}, {share(self.weight)} of the video, "
                f"and shows {share(self.explained)} of that"
            )
        dropped = f"Dropped, {share(self.loss)} of the video would be lost"
        if self.rival is None:
            rival = f"no plan can do without it: {'; '.join(self.obstacles)}"
        else:
            rival = f"without this frame {self.rival.sentence}"
        return (f"{stands}.", f"{dropped}; {rival}.")


@dataclass(frozen=True, slots=True)
class ExplainedPicture:
    """Why a picture is sent, and at that size.

    Attributes
    ----------
    frames : tuple of ExplainedFrame
        What is on it: one frame, or the tiles of a sheet.
    width, height : int
        Pixels of each frame as sent.
    num_tokens : int
        What it costs, a time label in text included.
    loss : float
        What the plan would show less without it, all else unchanged: as a share of the video.
    larger, smaller : OtherSize or None
        It at the next size up and down; None where there is none.
    """

    frames: tuple[ExplainedFrame, ...]
    width: int
    height: int
    num_tokens: int
    loss: float
    larger: OtherSize | None
    smaller: OtherSize | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it is, why, and what other sizes would change."""
        tokens = counted(self.num_tokens, "token")
        sizes = [size.sentence for size in (self.larger, self.smaller) if size is not None]
        if len(self.frames) == 1:
            (frame,) = self.frames
            head = f"{seconds(frame.time_s)} at {self.width}x{self.height}, {tokens}."
            return (head, *frame.sentences, *sizes)
        head = (
            f"Sheet of {len(self.frames)} moments at {self.width}x{self.height} each, {tokens}. "
            f"Dropped, {share(self.loss)} of the video would be lost."
        )
        tiles = [f"{seconds(frame.time_s)}: {' '.join(frame.sentences)}" for frame in self.frames]
        return (head, *sizes, *tiles)


def explained_pictures(
    made: MadeFrom, questions: Questions, stands: Standing, prices: Prices
) -> tuple[ExplainedPicture, ...]:
    """Return why each picture of a plan is sent, in the order of ``Plan.pictures``.

    Parameters
    ----------
    made : MadeFrom
        What the plan was made from.
    questions : Questions
        About the plan.
    stands : Standing
        What its frames stand for.
    prices : Prices
        Of its problem.
    """
    by_option = {
        option: _frame(made, questions, stands, prices, frame)
        for frame, option in enumerate(questions.solution.options)
    }
    choice = made.posed.choice
    return tuple(
        ExplainedPicture(
            frames=tuple(by_option[option] for option in image.options),
            width=int(choice.width[image.options[0]]),
            height=int(choice.height[image.options[0]]),
            num_tokens=num_tokens_of(questions, image),
            loss=loss_of(questions, without(questions.solution, image)),
            larger=other_size(made, questions, image, 1),
            smaller=other_size(made, questions, image, -1),
        )
        for image in images_of(questions.problem, questions.solution)
    )


def _frame(
    made: MadeFrom, questions: Questions, stands: Standing, prices: Prices, frame: int
) -> ExplainedFrame:
    solution, problem = questions.solution, questions.problem
    moments = stands.moments_of_frame(frame)
    rows = list(moments)
    weight, shown = int(stands.worth[rows].sum()), int(stands.alone[rows, frame].sum())
    option = solution.options[frame]
    candidate = int(problem.option_candidate[option])
    asked = questions.without(candidate)
    rival = questions.best(asked, bound=prices.bound_without(problem, candidate))
    others = tuple(other for other in solution.options if other != option)
    return ExplainedFrame(
        frame=frame,
        time_s=float(questions.time_s[candidate]),
        intervals_s=stands.intervals(moments),
        weight=questions.share(weight),
        explained=shown / weight if weight else 0.0,
        loss=loss_of(questions, replace(solution, options=others)),
        rival=rival,
        obstacles=() if rival else obstacles(asked, made.job.limits),
    )
