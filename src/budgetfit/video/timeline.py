"""When a stream's frames are shown, and where its keyframes are, without decoding any."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from budgetfit.video.demuxing import fraction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.video.demuxing import Demuxer

__all__ = ["IndexedTimeline", "ScannedTimeline", "Timeline", "read_index", "scan"]

# Containers whose index tells keyframes truly; MPEG-TS, for one, flags every entry as a keyframe.
_INDEXED_FORMATS = {"mov", "matroska"}

# Frames a second of a raw stream that does not tell.
_DEFAULT_RATE = 25

# Codecs reorder at most 16 frames (H.264's max_num_reorder_frames).
_MAX_REORDERED = 16


class Timeline(Protocol):
    """Presentation timestamps and keyframes of one stream.

    Where packets carry no timestamps, or wrong ones, these belong to frames by their order alone:
    ``in_order`` is True and every read starts at the first frame.
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
    """

    pts: list[int]
    keyframes: list[int]
    end: int
    time_base: Fraction
    in_order: bool

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

    def contains(self, pts: int) -> bool:
        """Whether a frame has that pts."""
        index = bisect_left(self.pts, pts)
        return index < len(self.pts) and self.pts[index] == pts


class IndexedTimeline:
    """A timeline of a long file: the container's index tells keyframes, seeks the rest."""

    in_order = False

    def __init__(self, demuxer: Demuxer, last_pts: int) -> None:
        self._demuxer = demuxer
        self._last_pts = last_pts

    @property
    def time_base(self) -> Fraction:
        """Seconds of a tick."""
        return self._demuxer.time_base

    @property
    def end(self) -> int:
        """When the last frame ends, if it is as long as the others."""
        return self._last_pts + _frame_length(self._demuxer)

    def all_pts(self) -> None:
        """Return None: only a scan would tell."""
        return

    def shown_at(self, ticks: int) -> int:
        """Return the pts of the last frame shown at or before a time; the first if none is."""
        shown: int | None = None
        first: int | None = None
        num_later = 0
        for packet in self._demuxer.packets_from(ticks):
            if packet.pts is None or packet.is_discard:
                continue
            first = packet.pts if first is None else min(first, packet.pts)
            if packet.pts <= ticks:
                shown = packet.pts if shown is None else max(shown, packet.pts)
            else:
                num_later += 1
            decoded_later = packet.dts is not None and packet.dts > ticks
            if decoded_later or num_later > _MAX_REORDERED:
                break
        return shown if shown is not None else first or 0

    def last_pts(self) -> int:
        """Return the pts of the last frame."""
        return self._last_pts

    def keyframe_before(self, ticks: int) -> int | None:
        """Return the index's timestamp of the last keyframe at or before a time."""
        return self._keyframe(ticks, backward=True)

    def keyframe_after(self, ticks: int) -> int | None:
        """Return the index's timestamp of the first keyframe after a time."""
        return self._keyframe(ticks + 1, backward=False)

    def pts_of_keyframe(self, ticks: int) -> int:
        """Return the keyframe's pts; the index may have counted its decoding time."""
        # FFmpeg takes only keyframes shown by the time sought; just before the next one, this is.
        following = self.keyframe_after(ticks)
        sought = _last_entry(self._demuxer) if following is None else following - 1
        first = next(self._demuxer.packets_near(sought), None)
        return ticks if first is None or first.pts is None else first.pts

    def contains(self, pts: int) -> None:
        """Return None: reading there will tell."""
        return

    def _keyframe(self, ticks: int, *, backward: bool) -> int | None:
        entries = self._demuxer.stream.index_entries
        index = entries.search_timestamp(ticks, backward=backward)
        return entries[index].timestamp if index >= 0 else None


def read_index(demuxer: Demuxer, duration_s: float | None) -> IndexedTimeline | None:
    """Return a timeline of the container's own index; None where it has none that can be used.

    Matroska's is read at the first seek, a fragmented MP4's grows with reading; so it counts if
    it reaches over the first half at least. It does not if the file ends before what it lists.
    """
    if duration_s is None or demuxer.container.format.name.split(",")[0] not in _INDEXED_FORMATS:
        return None
    demuxer.rewind()
    entries = demuxer.stream.index_entries
    if len(entries) < 2:
        return None
    length = (entries[-1].timestamp - entries[0].timestamp) * demuxer.time_base
    if length < duration_s / 2:
        return None
    packets = demuxer.packets_near(_last_entry(demuxer))
    shown = [p.pts for p in packets if p.pts is not None and not p.is_discard]
    return IndexedTimeline(demuxer, max(shown)) if shown else None


def scan(demuxer: Demuxer) -> ScannedTimeline:
    """Read every packet of the stream, which takes about 2 microseconds each, and decode none."""
    demuxer.rewind()
    pts: list[int | None] = []
    dts: list[int | None] = []
    keyframes: list[int] = []
    end = 0
    for packet in demuxer.packets():
        if packet.is_discard:
            continue
        pts.append(packet.pts)
        dts.append(packet.dts)
        if packet.pts is not None:
            end = max(end, packet.pts + (packet.duration or 0))
            if packet.is_keyframe:
                keyframes.append(packet.pts)
    if None in pts or _reorders_without_pts(demuxer):
        return _ordered_timeline(demuxer, dts)
    shown = sorted({value for value in pts if value is not None})
    if shown and end <= shown[-1]:
        end = shown[-1] + _typical_length(shown, demuxer)
    return ScannedTimeline(shown, sorted(set(keyframes)), end, demuxer.time_base, in_order=False)


def _ordered_timeline(demuxer: Demuxer, dts: list[int | None]) -> ScannedTimeline:
    """Give the n-th frame shown the n-th decoding time, or n frames' length where there is none."""
    times = [value for value in dts if value is not None]
    time_base = demuxer.time_base
    if len(set(times)) == len(dts):
        shown = sorted(times)
    else:
        shown = list(range(len(dts)))
        time_base = 1 / (fraction(demuxer.stream.guessed_rate) or Fraction(_DEFAULT_RATE))
    end = shown[-1] + max(_typical_length(shown, demuxer), 1) if shown else 0
    return ScannedTimeline(shown, shown[:1], end, time_base, in_order=True)


def _reorders_without_pts(demuxer: Demuxer) -> bool:
    """Whether the container stores decoding times alone though its frames are reordered."""
    reordered = demuxer.stream.codec_context.has_b_frames
    return demuxer.container.format.name == "avi" and bool(reordered)


def _typical_length(shown: Sequence[int], demuxer: Demuxer) -> int:
    """Return the mean distance of frames in ticks; one frame's at the stream's rate if alone."""
    if len(shown) > 1:
        return round((shown[-1] - shown[0]) / (len(shown) - 1))
    return _frame_length(demuxer)


def _last_entry(demuxer: Demuxer) -> int:
    """Return the latest timestamp of the container's index."""
    return demuxer.stream.index_entries[-1].timestamp


def _frame_length(demuxer: Demuxer) -> int:
    """Return a frame's length in ticks at the stream's rate."""
    rate = fraction(demuxer.stream.guessed_rate) or Fraction(_DEFAULT_RATE)
    return max(round(1 / (rate * demuxer.time_base)), 1)
