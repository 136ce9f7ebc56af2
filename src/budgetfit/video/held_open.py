"""A video that stays open from its analysis to its pictures, so that no frame is decoded twice."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.video.sources import Video, VideoSource

__all__ = ["held_open", "held_source", "opened"]


class _Hold:
    """Holds one source."""

    def __init__(self) -> None:
        self.source: VideoSource | None = None

    def take(self, source: VideoSource | None) -> None:
        if self.source is not None:
            self.source.close()
        self.source = source


_HOLD: ContextVar[_Hold | None] = ContextVar("_HOLD", default=None)


@contextmanager
def held_open() -> Iterator[None]:
    """Hold the video that is planned open until the end of the block.

    :meth:`budgetfit.Plan.images`, called in the block, then takes the frames that were kept of the
    analysis; only the others are decoded. A damaged video is not held.
    """
    hold = _Hold()
    token = _HOLD.set(hold)
    try:
        yield
    finally:
        _HOLD.reset(token)
        hold.take(None)


@contextmanager
def opened(video: Video) -> Iterator[VideoSource]:
    """Open a video, and close it at the end of the block unless it is to be held.

    Raises
    ------
    UsageError, VideoError
        As by :func:`budgetfit.video.sources.open_source`.
    """
    from budgetfit.video.sources import open_source

    hold = _HOLD.get()
    source = open_source(video, keep_frames=hold is not None)
    try:
        yield source
    except BaseException:
        source.close()
        raise
    # How a decoder conceals damage depends on what it decoded before, so that frames which were
    # kept may not be those that are decoded later.
    if hold is None or source.warnings:
        source.close()
    else:
        hold.take(source)


def held_source(fingerprint: str) -> VideoSource | None:
    """Return the video that is held, if it has this fingerprint."""
    hold = _HOLD.get()
    if hold is None or hold.source is None or hold.source.info.fingerprint != fingerprint:
        return None
    return hold.source
