"""When a stream's frames are shown, and where its keyframes are, without decoding any."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from budgetfit.video.demuxing import fraction
from budgetfit.video.raw_streams import starts_afresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.video.demuxing import Demuxer

__all__ = ["ScannedTimeline", "Timeline", "frame_length", "scan"]

# Frames a second of a stream that does not tell, or tells its clock's rate.
_DEFAULT_RATE = Fraction(25)
_MAX_RATE = 1000

# Codecs reorder at most 16 frames (H.264's max_num_reorder_frames).
_MAX_REORDERED = 16


class Timeline(Protocol):
    """Presentation timestamps and keyframes of one stream.

    Where packets carry no timestamps, or wrong ones, these belong to frames by their order alone:
    ``in_order`` is True and every read starts at the first frame, or at a keyframe whose place in
    the file and in the order is known.
    """

    @property
    def time_base(self) -> Fraction:
        """Seconds of a tick."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether timestamps belong to frames by their order alone."""
        ...

    @property
    def end(self) -> int:
        """When the last frame ends, in ticks."""
        ...

    def all_pts(self) -> Sequence[int] | None:
        """Return every pts in time order; None where that is not known."""
        ...

    def shown_at(self, ticks: int) -> int:
        """Return the pts of the last frame shown at or before a time; the first if none is."""
        ...

    def last_pts(self) -> int:
        """Return the pts of the last frame."""
        ...

    def keyframe_before(self, ticks: int) -> int | None:
        """Return about when the last keyframe at or before a time is shown."""
        ...

    def keyframe_after(self, ticks: int) -> int | None:
        """Return about when the first keyframe after a time is shown."""
        ...

    def pts_of_keyframe(self, ticks: int) -> int:
        """Return the exact pts of a keyframe that the two methods above told of."""
        ...

    def seek_points(self, pts: int) -> tuple[int, ...]:
        """Return timestamps that lead a seek to the frame's keyframe, best first."""
        ...

    def position_of(self, keyframe: int | None) -> int | None:
        """Return the byte at which a keyframe's packet begins, where reading may begin there."""
        ...

    def contains(self, pts: int) -> bool | None:
        """Whether a frame has that pts; None where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedTimeline:
    """A timeline of all packets.

    Attributes
    ----------
    pts, keyframes : list of int
        Ascending timestamps of frames, and those of keyframes.
    end : int
        When the last frame ends, in ticks.
    time_base : Fraction
        Seconds of a tick.
    in_order : bool
        As in :class:`Timeline`.
    decoding_times : dict of int to int
        When each keyframe is decoded, by its pts, as far as packets tell.
    positions : dict of int to int
        The byte at which each keyframe's packet begins, by its pts, where frames are told by their
        order.
    """

    pts: list[int]
    keyframes: list[int]
    end: int
    time_base: Fraction
    in_order: bool
    decoding_times: dict[int, int] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)

    def all_pts(self) -> Sequence[int]:
        """Return every pts in time order."""
        return self.pts

    def shown_at(self, ticks: int) -> int:
        """Return the pts of the last frame shown at or before a time; the first if none is."""
        return self.pts[max(bisect_right(self.pts, ticks) - 1, 0)]

    def last_pts(self) -> int:
        """Return the pts of the last frame."""
        return self.pts[-1]

    def keyframe_before(self, ticks: int) -> int | None:
        """Return the pts of the last keyframe at or before a time."""
        index = bisect_right(self.keyframes, ticks) - 1
        return self.keyframes[index] if index >= 0 else None

    def keyframe_after(self, ticks: int) -> int | None:
        """Return the pts of the first keyframe after a time."""
        index = bisect_right(self.keyframes, ticks)
        return self.keyframes[index] if index < len(self.keyframes) else None

    def pts_of_keyframe(self, ticks: int) -> int:
        """Return the keyframe's pts, which is what the two methods above return."""
        return ticks

    def seek_points(self, pts: int) -> tuple[int, ...]:
        """Return the keyframe's pts, and when it is decoded, which MPEG-TS seeks by."""
        keyframe = self.keyframe_before(pts)
        if keyframe is None:
            return (pts,)
        return (keyframe, self.decoding_times.get(keyframe, keyframe))

    def position_of(self, keyframe: int | None) -> int | None:
        """Return the byte at which a keyframe's packet begins, where reading may begin there."""
        return None if keyframe is None else self.positions.get(keyframe)

    def contains(self, pts: int) -> bool:
        """Whether a frame has that pts."""
        index = bisect_left(self.pts, pts)
        return index < len(self.pts) and self.pts[index] == pts


def scan(demuxer: Demuxer) -> ScannedTimeline:
    """Read every packet of the stream, which takes about 2 microseconds each, and decode none.

    Raises
    ------
    VideoLimitError
        There are more than is allowed.
    """
    demuxer.rewind()
    max_frames = demuxer.limits.max_frames
    pts: list[int | None] = []
    dts: list[int | None] = []
    keyframes: dict[int, int] = {}
    fresh: dict[int, int] = {}
    format_name = demuxer.container.format.name
    end = 0
    for packet in demuxer.packets():
        if packet.is_discard:
            continue
        pts.append(packet.pts)
        if len(pts) > max_frames:
            demuxer.limits.refuse("max_frames", f"over {max_frames}", demuxer.media.label)
        dts.append(packet.dts)
        if packet.pts is not None:
            end = max(end, packet.pts + (packet.duration or 0))
            if packet.is_keyframe:
                keyframes[packet.pts] = packet.pts if packet.dts is None else packet.dts
        elif packet.pos is not None and starts_afresh(packet, format_name):
            fresh[len(pts) - 1] = packet.pos
    if None in pts or _reorders_without_pts(demuxer) or _runs_backwards(pts, demuxer):
        return _ordered_timeline(demuxer, dts, fresh)
    shown = sorted({value for value in pts if value is not None})
    if shown and end <= shown[-1]:
        end = shown[-1] + _typical_length(shown, demuxer)
    return ScannedTimeline(
        shown, sorted(keyframes), end, demuxer.time_base, in_order=False, decoding_times=keyframes
    )


def _ordered_timeline(
    demuxer: Demuxer, dts: list[int | None], fresh: dict[int, int]
) -> ScannedTimeline:
    """Give the n-th frame shown the n-th decoding time, or n frames' length where there is none.

    ``fresh`` are the bytes at which packets begin that are shown in the place where they are read.
    """
    times = [value for value in dts if value is not None]
    time_base = demuxer.time_base
    if len(set(times)) == len(dts):
        shown = sorted(times)
    else:
        shown = list(range(len(dts)))
        time_base = 1 / _frame_rate(demuxer)
    end = shown[-1] + max(_typical_length(shown, demuxer), 1) if shown else 0
    positions = {shown[index]: byte for index, byte in fresh.items()}
    keyframes = sorted({*shown[:1], *positions})
    return ScannedTimeline(shown, keyframes, end, time_base, in_order=True, positions=positions)


def _reorders_without_pts(demuxer: Demuxer) -> bool:
    """Whether the container stores decoding times alone though its frames are reordered."""
    reordered = demuxer.stream.codec_context.has_b_frames
    return demuxer.container.format.name == "avi" and bool(reordered)


def _runs_backwards(pts: list[int | None], demuxer: Demuxer) -> bool:
    """Whether frames are stored further from the order of their times than any codec has them."""
    window = _MAX_REORDERED if demuxer.stream.codec_context.has_b_frames else 1
    latest: int | None = None
    for earlier, now in zip(pts, pts[window:], strict=False):
        if earlier is None or now is None:
            continue
        latest = earlier if latest is None else max(latest, earlier)
        if now < latest:
            demuxer.warn(
                f"the timestamps of {demuxer.media.label} run backwards; "
                "its frames are taken in the order in which they are stored"
            )
            return True
    return False


def _typical_length(shown: Sequence[int], demuxer: Demuxer) -> int:
    """Return the mean distance of frames in ticks; one frame's at the stream's rate if alone."""
    if len(shown) > 1:
        return round((shown[-1] - shown[0]) / (len(shown) - 1))
    return frame_length(demuxer)


def frame_length(demuxer: Demuxer) -> int:
    """Return a frame's length in ticks at the stream's rate."""
    return max(round(1 / (_frame_rate(demuxer) * demuxer.time_base)), 1)


def _frame_rate(demuxer: Demuxer) -> Fraction:
    """Return the stream's frames a second as far as FFmpeg can guess it."""
    rate = fraction(demuxer.stream.guessed_rate)
    return _DEFAULT_RATE if rate is None or rate > _MAX_RATE else rate
