"""A picture at the next size up or down: what exactly that would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.explain.saying import difference
from budgetfit.problem.images import SentImage
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.explain.questions import Questions
    from budgetfit.made_from import MadeFrom
    from budgetfit.problem.problem import Problem

__all__ = ["OtherSize", "loss_of", "num_tokens_of", "other_size", "without"]


@dataclass(frozen=True, slots=True)
class OtherSize:
    """A picture at the next size, all else unchanged.

    Attributes
    ----------
    width, height : int
        Its pixels as sent; of a sheet, those of the frame in each tile.
    more_tokens : int
        What it costs more; negative for less.
    loss : float
        What the plan would show less, as a share of the video; negative for more.
    obstacles : tuple of str
        What it breaks: empty where it could be sent.
    """

    width: int
    height: int
    more_tokens: int
    loss: float
    obstacles: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the plan with it keeps all limits and constraints."""
        return not self.obstacles

    @property
    def sentence(self) -> str:
        """What it would change."""
        more = "more" if self.more_tokens > 0 else "less"
        said = (
            f"{self.width}x{self.height} would cost {abs(self.more_tokens)} tokens {more} and show "
            f"{difference(self.loss)}"
        )
        return f"{said}: {'it fits' if self.fits else '; '.join(self.obstacles)}."


def without(solution: Solution, image: SentImage) -> Solution:
    """Return ``solution`` without one of its images, all else unchanged."""
    options = tuple(option for option in solution.options if option not in image.options)
    sheets = list(solution.sheets)
    if image.sheet is not None:
        sheets.remove(image.sheet)
    return Solution(options, solution.prompt, tuple(sheets))


def loss_of(questions: Questions, solution: Solution) -> float:
    """Return what ``solution``, which may break limits, is worth less than the plan."""
    worth = evaluate(questions.problem, solution).objective_value
    return questions.share(questions.worth - worth)


def num_tokens_of(questions: Questions, image: SentImage) -> int:
    """Return what an image costs, a time label in text included."""
    problem = questions.problem
    if image.sheet is not None:
        return problem.sheets[image.sheet].num_tokens
    return int(problem.option_num_tokens[image.options[0]])


def other_size(
    made: MadeFrom, questions: Questions, image: SentImage, step: int
) -> OtherSize | None:
    """Return an image at the next size up or down; None where there is none.

    Parameters
    ----------
    made : MadeFrom
        What the plan was made from.
    questions : Questions
        About the plan.
    image : SentImage
        One of its images: a picture, or a sheet, all of whose tiles change.
    step : {1, -1}
        Up or down.
    """
    problem, choice = questions.problem, made.posed.choice
    other = next(_other_images(problem, image, step), None)
    if other is None:
        return None
    rest = without(questions.solution, image)
    sheets = () if other.sheet is None else (other.sheet,)
    changed = Solution((*rest.options, *other.options), rest.prompt, (*rest.sheets, *sheets))
    return OtherSize(
        width=int(choice.width[other.options[0]]),
        height=int(choice.height[other.options[0]]),
        more_tokens=num_tokens_of(questions, other) - num_tokens_of(questions, image),
        loss=loss_of(questions, changed),
        obstacles=tuple(violations(problem, changed)),
    )


def _other_images(problem: Problem, image: SentImage, step: int) -> Iterator[SentImage]:
    """Yield ``image`` at sizes up, or down, the nearest first."""
    candidate = problem.option_candidate
    if image.sheet is None:
        option = image.options[0] + step
        while 0 <= option < problem.num_options and candidate[option] == candidate[option - step]:
            if not problem.is_tile[option]:
                yield SentImage((option,), None)
            option += step
        return
    mine = problem.sheets[image.sheet]
    # A candidate's tiles are options one after the other, as their kinds are.
    options = tuple(option + step for option in image.options)
    for index, sheet in enumerate(problem.sheets):
        if (sheet.tile, sheet.num_tiles) == (mine.tile + step, mine.num_tiles):
            yield SentImage(options, index)
