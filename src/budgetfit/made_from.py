"""What a plan was made from, for questions about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.analysis import Analysis
    from budgetfit.jobs import Job
    from budgetfit.posing import Posed
    from budgetfit.problem.solution import Solution
    from budgetfit.tokens.tokenizer import RequestTokenizer
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["MadeFrom", "Seen"]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of a video, and what of it counts for a plan.

    Attributes
    ----------
    video : VideoAnalysis
        What was seen.
    analysis : Analysis
        Its candidates, as the job weighs them.
    """

    video: VideoAnalysis
    analysis: Analysis


@dataclass(frozen=True, slots=True, eq=False)
class MadeFrom:
    """What a plan was made from.

    Attributes
    ----------
    job : Job
        What was asked.
    seen : Seen
        The video.
    posed : Posed
        The problem.
    solution : Solution
        The plan as a solution of it.
    tokenizer : RequestTokenizer
        The model's.
    """

    job: Job
    seen: Seen
    posed: Posed
    solution: Solution
    tokenizer: RequestTokenizer
