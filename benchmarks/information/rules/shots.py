"""One frame a shot, as PySceneDetect finds shots."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["NAME", "longest_middles", "shots"]

NAME = "PySceneDetect, ContentDetector"

Shot = tuple[float, float]
"""Begin and end in seconds."""


def shots(path: Path, duration_s: float) -> list[Shot]:
    """Return the shots of a clip by PySceneDetect's ContentDetector as it is set by default.

    A clip without a cut is one shot.
    """
    from scenedetect import ContentDetector, SceneManager, open_video

    manager = SceneManager()
    manager.add_detector(ContentDetector())
    manager.detect_scenes(open_video(str(path), backend="pyav"))
    found = [(begin.seconds, end.seconds) for begin, end in manager.get_scene_list()]
    return found or [(0.0, duration_s)]


def longest_middles(found: Sequence[Shot], number: int) -> list[float]:
    """Return the middles of the ``number`` longest shots (all where there are fewer), rising.

    Of shots of equal length the earlier is taken.
    """
    by_length = sorted(found, key=lambda shot: (shot[0] - shot[1], shot[0]))
    return sorted((begin + end) / 2 for begin, end in by_length[:number])
