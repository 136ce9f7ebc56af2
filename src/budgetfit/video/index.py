"""The timeline of a long file, by its container's own index and a few seeks."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av

from budgetfit.video.timeline import frame_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.video.demuxing import Demuxer

__all__ = ["IndexedTimeline", "read_index"]

# Containers whose index tells keyframes truly; MPEG-TS, for one, flags every entry as a keyframe.
_INDEXED_FORMATS = {"mov", "matroska"}

# Codecs reorder at most 16 frames (H.264's max_num_reorder_frames).
_MAX_REORDERED = 16


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
        return self._last_pts + frame_length(self._demuxer)

    def all_pts(self) -> Sequence[int] | None:
        """Return None: only a scan would tell."""
        return None

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

    def seek_points(self, pts: int) -> tuple[int, ...]:
        """Return the frame's own pts: the container finds the keyframe."""
        return (pts,)

    def position_of(self, keyframe: int | None) -> None:
        """Return None: the container finds keyframes by their times."""

    def contains(self, pts: int) -> bool | None:
        """Return None: reading there will tell."""
        return None

    def _keyframe(self, ticks: int, *, backward: bool) -> int | None:
        entries = self._demuxer.stream.index_entries
        index = entries.search_timestamp(ticks, backward=backward)
        return entries[index].timestamp if index >= 0 else None


def read_index(demuxer: Demuxer) -> IndexedTimeline | None:
    """Return a timeline of the container's own index; None where it has none that can be used.

    Matroska's is read at the first seek, a fragmented MP4's grows with reading; so it counts if
    it reaches over the first half at least. It does not if the file ends before what it lists.
    """
    duration: int | None = demuxer.container.duration
    if duration is None or demuxer.container.format.name.split(",")[0] not in _INDEXED_FORMATS:
        return None
    demuxer.rewind()
    entries = demuxer.stream.index_entries
    if len(entries) < 2:
        return None
    length = (entries[-1].timestamp - entries[0].timestamp) * demuxer.time_base
    if length < Fraction(duration, av.time_base) / 2:
        return None
    packets = demuxer.packets_near(_last_entry(demuxer))
    shown = [p.pts for p in packets if p.pts is not None and not p.is_discard]
    return IndexedTimeline(demuxer, max(shown)) if shown else None


def _last_entry(demuxer: Demuxer) -> int:
    """Return the latest timestamp of the container's index."""
    return demuxer.stream.index_entries[-1].timestamp
