"""Curves of information against prompt tokens, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budgetfit.explain.marks import FrontierMark
    from budgetfit.plans import Plan

__all__ = ["Frontier", "FrontierCurve", "FrontierPoint", "images_phrase"]


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The best plan for a room.

    Attributes
    ----------
    num_tokens : int
        The room: prompt tokens that the plan may have.
    plan : Plan
        The plan, its tokens counted once more as always.
    """

    num_tokens: int
    plan: Plan

    @property
    def information(self) -> float:
        """Share of the video that the plan shows, in [0, 1]."""
        return self.plan.information

    @property
    def best_bound(self) -> float:
        """Proved upper bound on it, as ``Plan.best_bound``."""
        return self.plan.best_bound

    @property
    def gap(self) -> float:
        """What is not proved, as ``Plan.gap``."""
        return self.plan.gap

    def to_dict(self) -> dict[str, Any]:
        """Return the point as plain data: numbers, and the frames of its plan."""
        return {
            "num_tokens": self.num_tokens,
            "num_tokens_used": self.plan.num_tokens,
            "num_text_tokens": self.plan.prompt.num_tokens,
            "num_pictures": len(self.plan.pictures),
            "information": self.information,
            "best_bound": self.best_bound,
            "gap": self.gap,
            "frames": [
                {"time_s": frame.time_s, "width": frame.width, "height": frame.height}
                for frame in self.plan.frames
            ],
        }


@dataclass(frozen=True, slots=True)
class FrontierCurve:
    """The best plans for rising rooms under one image limit.

    Attributes
    ----------
    max_images : int or None
        Images that each plan may have; None where only the tokens limit them.
    points : tuple of FrontierPoint
        By rising room; rooms in which nothing fits are left out. Where all send the same text,
        information never falls from one to the next, but for customized models, where it may by
        what their gaps leave open. Where text competes, what never falls is information and the
        worth of the text together.
    """

    max_images: int | None
    points: tuple[FrontierPoint, ...]

    @property
    def knee(self) -> FrontierPoint | None:
        """The point after which more tokens buy less than they did on average.

        With rooms and information scaled to [0, 1] between the first and the last point, the point
        that is farthest above the straight line between these two, as in Satopaa et al., "Finding a
        'Kneedle' in a Haystack" (2011). It depends on where the curve ends. None where no point is
        above the line.
        """
        first, last = self.points[0], self.points[-1]
        tokens, information = (
            last.num_tokens - first.num_tokens,
            last.information - first.information,
        )
        if tokens <= 0 or information <= 0:
            return None

        def above(point: FrontierPoint) -> float:
            gained = (point.information - first.information) / information
            return gained - (point.num_tokens - first.num_tokens) / tokens

        knee = max(self.points, key=above)
        return knee if above(knee) > 0 else None

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return {
            "max_images": self.max_images,
            "knee_num_tokens": None if self.knee is None else self.knee.num_tokens,
            "points": [point.to_dict() for point in self.points],
        }


@dataclass(frozen=True, slots=True)
class Frontier:
    """What each number of prompt tokens can show of a video.

    Attributes
    ----------
    curves : tuple of FrontierCurve
        One for each image limit, as asked.
    marks : tuple of FrontierMark
        The plan, and what people send without a planner.
    budget : int
        Prompt tokens that the plan may have: one of the rooms.
    """

    curves: tuple[FrontierCurve, ...]
    marks: tuple[FrontierMark, ...]
    budget: int

    def to_dict(self) -> dict[str, Any]:
        """Return the frontier as plain data."""
        return {
            "budget": self.budget,
            "curves": [curve.to_dict() for curve in self.curves],
            "marks": [mark.to_dict() for mark in self.marks],
        }

    def __str__(self) -> str:
        return "\n".join(_sentence(curve, self.budget) for curve in self.curves)


def _sentence(curve: FrontierCurve, budget: int) -> str:
    first, last = curve.points[0], curve.points[-1]
    at_budget = [point for point in curve.points if point.num_tokens == budget]
    sentences = [
        f"With {images_phrase(curve.max_images)}, {first.num_tokens} prompt tokens show "
        f"{first.information:.1%} of the video and {last.num_tokens} show {last.information:.1%}."
    ]
    sentences += [
        f"The plan's {budget} tokens show {point.information:.1%}." for point in at_budget
    ]
    if curve.knee is not None:
        sentences.append(
            f"The knee is at {curve.knee.num_tokens} tokens, which show "
            f"{curve.knee.information:.1%}."
        )
    return " ".join(sentences)


def images_phrase(number: int | None) -> str:
    """Return an image limit in words, as ``"up to 2 images"``."""
    if number is None:
        return "any number of images"
    return "one image" if number == 1 else f"up to {number} images"
