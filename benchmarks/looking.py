"""One look at a clip: what planning sees of it, and its first two frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import av
import numpy as np

from budgetfit.information.aspects import shown
from budgetfit.information.looks import look_at
from budgetfit.information.similarity import thumbnail_shape
from budgetfit.video.container import MAX_SCANNED_BYTES
from budgetfit.video.sources import open_source
from budgetfit.video_analysis import Where, analyze_source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt

    from budgetfit.analysis import Analysis
    from budgetfit.information.looks import Look as FrameLook
    from budgetfit.problem.aspects import Aspect
    from budgetfit.profiles import ModelProfile
    from budgetfit.video.info import CandidateFrame

__all__ = ["Look", "look"]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A clip as planning sees it.

    Attributes
    ----------
    width, height : int
        Size in pixels as displayed.
    analysis : Analysis
        What the planner works from.
    first_two : dict of str to (num_moments, 2) float array
        By the name of an aspect, the share of each of its moments that the first and the second
        frame of the file show; one column where there is only one frame.
    """

    width: int
    height: int
    analysis: Analysis
    first_two: dict[str, npt.NDArray[np.float64]]


def look(clip: Path, profile: ModelProfile) -> Look:
    """Look at ``clip`` as the planner does, and at its first two frames.

    Raises
    ------
    VideoError
        The clip cannot be read.
    ValueError
        The file is larger than those whose every frame is known once they are opened.
    """
    if clip.stat().st_size > MAX_SCANNED_BYTES:
        raise ValueError(f"{clip.name} is too large; give a file of up to {MAX_SCANNED_BYTES} B")
    with open_source(clip) as source:
        seen = analyze_source(source, clip, Where())
        analysis = seen.of_model(profile)
        candidates = seen.looks.candidates(keep_all=False).candidates
        moments = [candidate.look for candidate in candidates]
        # Sampling is lazy: no more than two frames are looked at.
        first_two = _looks(islice(source.sample(_num_packets(clip)), 2))
        shares = shown([*moments, *first_two])
        return Look(
            width=source.info.width,
            height=source.info.height,
            analysis=analysis,
            first_two={
                aspect.name: shares[aspect.name][_moments(aspect), len(moments) :]
                for aspect in analysis.aspects
            },
        )


def _moments(aspect: Aspect) -> npt.NDArray[np.intp]:
    number = len(aspect.weights)
    return np.arange(number) if aspect.moments is None else aspect.moments


def _num_packets(clip: Path) -> int:
    """Return the packets of the video stream: there are no more frames than packets."""
    with av.open(str(clip)) as container:
        return sum(1 for _ in container.demux(container.streams.video[0]))


def _looks(frames: Iterable[CandidateFrame]) -> list[FrameLook]:
    return [look_at(frame.luma, thumbnail_shape(*frame.luma.shape)) for frame in frames]
