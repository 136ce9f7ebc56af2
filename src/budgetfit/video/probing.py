"""What a container's headers, packets and first frame tell of its video."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av

from budgetfit.video.demuxing import fraction
from budgetfit.video.info import VideoInfo
from budgetfit.video.rotation import swaps_sides
from budgetfit.video.timeline import read_index, scan

if TYPE_CHECKING:
    from PIL.Image import Transpose

    from budgetfit.video.demuxing import Demuxer
    from budgetfit.video.timeline import Timeline

__all__ = ["describe", "displayed_size", "make_timeline", "start_of"]

# A file whose frames end before this share of the length it states was cut off.
_MIN_COMPLETE_SHARE = 0.9

# Codecs whose packets may hold a frame that is never shown, so that only decoding counts them.
_HIDING_CODECS = {"vp8", "vp9"}


def make_timeline(demuxer: Demuxer, max_scanned_bytes: int) -> Timeline:
    """Return the cheapest timeline that is right: the index of a long file, else a scan."""
    stated_s = _stated_duration_s(demuxer)
    if demuxer.media.num_bytes > max_scanned_bytes:
        indexed = read_index(demuxer, stated_s)
        if indexed is not None:
            return indexed
    timeline = scan(demuxer)
    if stated_s is not None and timeline.pts:
        measured_s = float(timeline.end * timeline.time_base - start_of(demuxer))
        if measured_s < _MIN_COMPLETE_SHARE * stated_s:
            demuxer.warn(
                f"{demuxer.media.label} states {stated_s:.1f} s of video "
                f"and ends after {measured_s:.1f} s"
            )
    return timeline


def start_of(demuxer: Demuxer) -> Fraction:
    """Return the container's start time in seconds, which players show as 0."""
    stream_start = demuxer.stream.start_time
    exact = None if stream_start is None else stream_start * demuxer.time_base
    container_start: int | None = demuxer.container.start_time
    if container_start is None:
        return exact or Fraction(0)
    start = Fraction(container_start, av.time_base)
    # The container rounds to microseconds; where the video starts it, the stream tells exactly.
    if exact is not None and abs(exact - start) <= Fraction(1, av.time_base):
        return exact
    return start


def displayed_size(demuxer: Demuxer, frame: av.VideoFrame) -> tuple[int, int]:
    """Return a frame's width and height before rotation, with square pixels."""
    stream = demuxer.stream
    aspect = fraction(stream.sample_aspect_ratio) or fraction(
        stream.codec_context.sample_aspect_ratio
    )
    return max(round(frame.width * (aspect or 1)), 1), frame.height


def describe(
    demuxer: Demuxer,
    timeline: Timeline,
    frame: av.VideoFrame,
    orientation: Transpose | None,
    fingerprint: str,
) -> VideoInfo:
    """Gather what is known once the first frame is decoded."""
    width, height = displayed_size(demuxer, frame)
    if swaps_sides(orientation):
        width, height = height, width
    codec = demuxer.stream.codec_context.codec.canonical_name
    every = timeline.all_pts()
    counted = len(every) if every is not None and codec not in _HIDING_CODECS else None
    return VideoInfo(
        path=demuxer.media.path,
        width=width,
        height=height,
        duration_s=float(timeline.end * timeline.time_base - start_of(demuxer)),
        num_frames=counted or demuxer.stream.frames or None,
        fingerprint=fingerprint,
        codec=codec,
        pixel_format=frame.format.name,
    )


def _stated_duration_s(demuxer: Demuxer) -> float | None:
    """Return the length that the headers state, the video stream's first."""
    stream = demuxer.stream
    if stream.duration is not None:
        end = (stream.start_time or 0) + stream.duration
        return float(end * demuxer.time_base - start_of(demuxer))
    if demuxer.container.duration is None:
        return None
    return demuxer.container.duration / av.time_base
