"""Opening a video that was seen before, and nothing else."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgetfit.errors import VideoChangedError, VideoError
from budgetfit.video.held_open import held_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.video.sources import Video, VideoSource

__all__ = ["reopened"]


@contextmanager
def reopened(
    path: str | None, kept: Video | None, fingerprint: str, num_bytes: int | None
) -> Iterator[VideoSource]:
    """Open the video at ``path``, or ``kept`` where there is one, and close it.

    Of a file that was written to since, only the bytes that it had then are read. One that is held
    open is taken as it is, and stays open.

    Parameters
    ----------
    path : str or None
        The file.
    kept : Video or None
        What was planned, where it was no file with a path.
    fingerprint : str
        What the video must have.
    num_bytes : int or None
        How long the file was; None where that is not known.

    Raises
    ------
    VideoError
        There is neither, or it cannot be read any more.
    VideoChangedError
        The video has another fingerprint.
    """
    from budgetfit.video.sources import open_source

    video = path if kept is None else kept
    if video is None:
        raise VideoError(
            "the plan was made from a video in memory and does not hold it; "
            "plan again, or keep the plan object that budgetfit.plan returned"
        )
    held = held_source(fingerprint)
    if held is not None:
        yield held
        return
    begun = None if num_bytes is None else (num_bytes, fingerprint)
    with open_source(video, begun=begun) as source:
        if source.info.fingerprint != fingerprint:
            named = os.fspath(video) if isinstance(video, str | os.PathLike) else "the video"
            raise VideoChangedError(
                f"{named} is not the video that was planned "
                f"({source.info.fingerprint} instead of {fingerprint}); plan again"
            )
        yield source
