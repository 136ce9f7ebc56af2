"""What a video is, and what a candidate frame is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

__all__ = ["TIME_PRECISION_S", "CandidateFrame", "VideoInfo"]

# Times are told apart to the microsecond: a time computed in floating point, such as a planned
# frame's, means the frame that it came from.
TIME_PRECISION_S = 1e-6


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What is known of a video before its frames are read.

    Attributes
    ----------
    path : str or None
        The file as the caller named it; None for bytes, open files and image sequences.
    width, height : int
        Size in pixels as displayed: rotation and pixel aspect ratio applied.
    duration_s : float
        From the container's start to the end of the last frame, in seconds.
    num_frames : int or None
        Frames in the stream; None where only decoding would tell.
    fingerprint : str
        ``"sha256:"`` and the hexadecimal digest that tells this video from others.
    codec : str
        FFmpeg's name of the codec, such as ``"h264"``; ``"images"`` for image sequences.
    pixel_format : str
        FFmpeg's name of the stored pixel format, such as ``"yuv420p"``; the mode of the pictures
        for image sequences.
    num_bytes : int or None
        Bytes of the file, all of which the fingerprint stands for; None for image sequences.
    """

    path: str | None
    width: int
    height: int
    duration_s: float
    num_frames: int | None
    fingerprint: str
    codec: str
    pixel_format: str
    num_bytes: int | None = None


@dataclass(frozen=True, eq=False)
class CandidateFrame:
    """A frame that a plan may choose, in the form that analysis needs.

    Attributes
    ----------
    time_s : float
        When a player shows it, in seconds from the container's start.
    pts : int
        Presentation timestamp in the stream's time base, which names the frame when it is decoded
        again; the index of the picture for image sequences.
    read_luma : callable
        Returns ``luma``. Of one source's frames, one at a time may be read, on any thread.
    """

    time_s: float
    pts: int
    read_luma: Callable[[], npt.NDArray[np.uint8]] = field(repr=False)

    @cached_property
    def luma(self) -> npt.NDArray[np.uint8]:
        """(rows, columns) uint8, 0 black to 255 white, upright.

        Pixels are as stored: the pixel aspect ratio is not applied, and a long side above 2048 is
        reduced by a whole factor.

        Raises
        ------
        VideoError
            The decoded frame cannot be converted.
        """
        return self.read_luma()
