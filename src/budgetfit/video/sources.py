"""From whatever a caller calls a video to something that frames can be read from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self, cast

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image

    from budgetfit.video.info import CandidateFrame, VideoInfo
    from budgetfit.video.media import Media
    from budgetfit.video.pictures import Picture

    Video = (
        str
        | os.PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | BinaryIO
        | Sequence[Picture]
        | tuple[Sequence[Picture], Sequence[float]]
    )

__all__ = ["VideoSource", "fingerprint_of", "open_source"]


class VideoSource(Protocol):
    """Something whose frames can be sampled for analysis and decoded when chosen.

    It can be sampled and decoded from any number of times, one after another, until it is closed;
    it is a context manager that closes itself.

    Attributes
    ----------
    info : VideoInfo
        What the video is.
    warnings : list of str
        What was lost or doubtful; grows while frames are read.
    """

    info: VideoInfo
    warnings: list[str]

    def sample(
        self,
        num_candidates: int,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[CandidateFrame]:
        """Yield at most ``num_candidates`` frames spread over a part of the video, in time order.

        The part lasts from ``start_s`` to ``end_s``, in seconds; it is the whole by default.
        """
        ...

    def at(self, times_s: Sequence[float]) -> Iterator[CandidateFrame]:
        """Yield the frames shown at these times, in time order and without duplicates."""
        ...

    def between(self, gaps_s: Sequence[tuple[float, float]]) -> Iterator[CandidateFrame]:
        """Yield at most one more frame inside each gap between two frames, in time order.

        Gaps, (begin, end) in seconds, ascend and do not overlap. Those inside which no frame can be
        had at little cost are passed over.
        """
        ...

    def decode(
        self,
        pts: Sequence[int],
        sizes: Sequence[tuple[int, int]],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[Image]:
        """Return the frames with these timestamps as RGB pictures of these (width, height)."""
        ...

    def close(self) -> None:
        """Let go of the video; a file that the caller opened stays open."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_source(
    video: Video,
    *,
    times_s: Sequence[float] | None = None,
    begun: tuple[int, str] | None = None,
    keep_frames: bool = False,
) -> VideoSource:
    """Open a video.

    Parameters
    ----------
    video : str, os.PathLike, bytes-like, binary file, or sequence of images
        A path of a local file, never a URL; the bytes of a video file; an open binary file, whose
        position is kept; or PIL images or uint8 arrays of (rows, columns) or (rows, columns, 3),
        with their times in ``times_s`` or as a tuple ``(images, times_s)``.
    times_s : sequence of float, optional
        When each image of a sequence is shown, in seconds.
    begun : (int, str), optional
        Length in bytes and fingerprint that a file had before. Where it is longer now and still
        begins so, only so many bytes are read.
    keep_frames : bool
        Whether frames that were looked at are kept, up to 128 MB, for ``decode``.

    Raises
    ------
    UsageError
        ``video`` is none of these, or an image sequence is not consistent.
    VideoError
        The file is missing, empty, unreadable or no video.
    VideoDecodeError
        None of its frames can be decoded.
    """
    media = _media_of(video)
    if media is None:
        from budgetfit.video.images import ImageSequenceSource

        return ImageSequenceSource(*_images_and_times(video, times_s))
    if times_s is not None:
        raise UsageError(
            f"times_s was given with {media.label}, whose frames have times of their own; "
            "give times_s with a sequence of images only"
        )
    from budgetfit.video.webp import AnimatedWebpSource, is_animated_webp

    if is_animated_webp(media):
        return AnimatedWebpSource(media)
    from budgetfit.video.container import ContainerSource
    from budgetfit.video.growing import FirstBytes

    if begun is not None and begun[0] < media.num_bytes:
        first = FirstBytes(media, begun[0])
        if first.fingerprint() == begun[1]:
            return ContainerSource(first, keep_frames=keep_frames)
    source = ContainerSource(media, keep_frames=keep_frames)
    if not media.has_grown():
        return source
    # What was written while it was opened may be read too, and not be in the fingerprint.
    source.close()
    return ContainerSource(FirstBytes(media, media.num_bytes), keep_frames=keep_frames)


def fingerprint_of(video: Video) -> str:
    """Return the fingerprint that ``open_source(video).info`` would have; nothing is decoded.

    Raises
    ------
    UsageError, VideoError
        As for :func:`open_source`, where the bytes cannot be read.
    """
    media = _media_of(video)
    if media is not None:
        return media.fingerprint()
    with open_source(video) as source:
        return source.info.fingerprint


def _media_of(video: object) -> Media | None:
    """Return where the bytes of a video file are; None for a sequence of images."""
    from budgetfit.video import media

    if isinstance(video, bytes | bytearray | memoryview):
        return media.MemoryMedia(video)
    if isinstance(video, str | os.PathLike):
        return media.PathMedia(os.fsdecode(video))
    if hasattr(video, "read") and not hasattr(video, "getbands"):
        return media.media_of_file(cast("BinaryIO", video))
    return None


def _images_and_times(
    video: object, times_s: Sequence[float] | None
) -> tuple[Sequence[Picture], Sequence[float]]:
    """Tell images and their times apart."""
    if not hasattr(video, "__len__") or not hasattr(video, "__getitem__"):
        raise UsageError(
            f"a video cannot be read from a {type(video).__name__}; "
            "give a path, bytes, an open binary file, or a sequence of images with times_s"
        )
    if times_s is not None:
        return cast("Sequence[Picture]", video), times_s
    if isinstance(video, tuple) and len(video) == 2 and not _is_image(video[1]):
        images, times = video
        return images, times
    raise UsageError("a sequence of images needs times_s: when each is shown, in seconds")


def _is_image(value: object) -> bool:
    """Whether a value is a picture and not the times of pictures."""
    return hasattr(value, "getbands") or getattr(value, "ndim", 0) > 1
