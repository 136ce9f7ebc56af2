"""What a container's headers, packets and first frame tell of its video."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av

from budgetfit.video.demuxing import fraction
from budgetfit.video.index import read_index
from budgetfit.video.info import VideoInfo
from budgetfit.video.rotation import swaps_sides
from budgetfit.video.timeline import scan

if TYPE_CHECKING:
    from PIL.Image import Transpose

    from budgetfit.video.demuxing import Demuxer
    from budgetfit.video.timeline import ScannedTimeline, Timeline

__all__ = ["describe", "displayed_size", "make_timeline", "start_of"]

# A file whose frames end before this share of the length it states was cut off; headers may count
# a frame or two otherwise.
_MIN_COMPLETE_SHARE = Fraction(98, 100)
_FORGIVEN_S = Fraction(1, 10)

# Codecs whose packets may hold a frame that is never shown, so that only decoding counts them.
_HIDING_CODECS = {"vp8", "vp9"}


def make_timeline(demuxer: Demuxer, max_scanned_bytes: int) -> Timeline:
    """Return the cheapest timeline that is right: the index of a long file, else a scan."""
    if demuxer.media.num_bytes > max_scanned_bytes:
        indexed = read_index(demuxer)
        if indexed is not None:
            return indexed
    timeline = scan(demuxer)
    if timeline.pts:
        _warn_if_cut_off(demuxer, timeline)
    return timeline


def start_of(demuxer: Demuxer, timeline: Timeline) -> Fraction:
    """Return the container's start time in seconds, which players show as 0."""
    every = timeline.all_pts()
    untold = all(stream.start_time is None for stream in demuxer.container.streams)
    if every and (untold or timeline.in_order):
        # FFmpeg tells none of very short files, or calls it 0, and of times that run backwards a
        # wrong one; the first frame's is meant.
        return every[0] * timeline.time_base
    stream_start = demuxer.stream.start_time
    exact = None if stream_start is None else stream_start * demuxer.time_base
    start = Fraction(demuxer.container.start_time or 0, av.time_base)
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
    """Gather what is known once the first frame is decoded.

    Raises
    ------
    VideoLimitError
        It lasts longer than is allowed.
    """
    width, height = displayed_size(demuxer, frame)
    if swaps_sides(orientation):
        width, height = height, width
    codec = demuxer.stream.codec_context.codec.canonical_name
    every = timeline.all_pts()
    duration_s = float(timeline.end * timeline.time_base - start_of(demuxer, timeline))
    demuxer.limits.check("max_duration_s", duration_s, demuxer.media.label)
    counted = len(every) if every is not None and codec not in _HIDING_CODECS else None
    return VideoInfo(
        path=demuxer.media.path,
        width=width,
        height=height,
        duration_s=duration_s,
        num_frames=counted or demuxer.stream.frames or None,
        fingerprint=fingerprint,
        codec=codec,
        pixel_format=frame.format.name,
        num_bytes=demuxer.media.num_bytes,
    )


def _warn_if_cut_off(demuxer: Demuxer, timeline: ScannedTimeline) -> None:
    """Compare the length that was found with the one that the headers state."""
    if demuxer.stream.duration is not None:
        stated_s = demuxer.stream.duration * demuxer.time_base
        measured_s = (timeline.end - timeline.pts[0]) * timeline.time_base
    elif demuxer.container.duration is not None and len(demuxer.container.streams) == 1:
        # Matroska states when the last frame ends; with other streams it may be theirs.
        stated_s = Fraction(demuxer.container.duration, av.time_base)
        measured_s = timeline.end * timeline.time_base
    else:
        return
    if measured_s < min(_MIN_COMPLETE_SHARE * stated_s, stated_s - _FORGIVEN_S):
        demuxer.warn(
            f"{demuxer.media.label} states {float(stated_s):.1f} s of video "
            f"and ends after {float(measured_s):.1f} s"
        )
