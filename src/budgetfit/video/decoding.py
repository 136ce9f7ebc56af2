"""Frames by their timestamps, with as little decoding as their keyframes allow."""

from __future__ import annotations

from bisect import bisect_left
from itertools import groupby, islice
from typing import TYPE_CHECKING

import av
import av.error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgetfit.video.demuxing import Demuxer, VideoPacket
    from budgetfit.video.timeline import Timeline

__all__ = ["FrameReader"]

# In H.264 a frame that no other refers to says so (nal_ref_idc is 0), and FFmpeg can leave it out
# without a trace in the others: half of the frames of a common file.
_SKIPPABLE_CODECS = {"h264"}

# A decoder holds packets for its threads, of which FFmpeg starts at most 16 unasked, and frames to
# be reordered, at most 16.
_MAX_HELD = 64


class FrameReader:
    """Decodes single frames of a demuxer's stream.

    Parameters
    ----------
    demuxer : Demuxer
        Where packets come from.
    timeline : Timeline
        Tells which frames share a keyframe.
    """

    def __init__(self, demuxer: Demuxer, timeline: Timeline) -> None:
        self._demuxer = demuxer
        self._timeline = timeline
        self.num_lost = 0
        self._num_held = 0

    def frames_at(self, wanted: Sequence[int]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Yield each wanted pts, ascending, and its frame.

        A frame that cannot be decoded is replaced by the last one before it that could, back to
        the keyframe; without any it is left out. The frame's own pts tells.
        """
        for _, group in groupby(wanted, self._keyframe_of):
            yield from self._match(list(group))

    def first_frame(self) -> av.VideoFrame | None:
        """Return the first frame that can be decoded."""
        self._demuxer.rewind()
        for packet in self._demuxer.packets():
            # Draining at once spares the frames that frame threads would decode ahead.
            frames = [*self._send(packet), *self._drain()]
            if frames:
                return frames[0]
            break
        self._demuxer.rewind()
        packets = self._demuxer.packets()
        return next(self._decode(packets), None)

    def _keyframe_of(self, pts: int) -> int | None:
        """Return what frames have in common that are decoded in one go."""
        keyframe = self._timeline.keyframe_before(pts)
        if self._timeline.in_order and self._timeline.position_of(keyframe) is None:
            return None
        return keyframe

    def _match(self, wanted: list[int]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Yield the frames of one group."""
        next_wanted = iter(wanted)
        pts: int | None = next(next_wanted)
        last: av.VideoFrame | None = None
        for frame in self._group_frames(wanted):
            if frame.pts is None:
                continue
            while pts is not None and pts < frame.pts:
                if last is not None:
                    yield pts, last
                pts = next(next_wanted, None)
            if pts == frame.pts:
                yield pts, frame
                pts = next(next_wanted, None)
            if pts is None:
                return
            last = frame
        while pts is not None and last is not None:
            yield pts, last
            pts = next(next_wanted, None)

    def _group_frames(self, wanted: list[int]) -> Iterator[av.VideoFrame]:
        """Yield the frames, in the order they are shown, that decoding the wanted ones gives."""
        if not self._timeline.in_order:
            yield from self._decode(self._needed_packets(wanted))
            return
        keyframe = self._keyframe_of(wanted[0])
        position = self._timeline.position_of(keyframe)
        every = self._timeline.all_pts() or ()
        if keyframe is None or position is None:
            self._demuxer.rewind()
            packets, first = self._demuxer.packets(), 0
        else:
            packets, first = self._demuxer.packets_at(position), bisect_left(every, keyframe)
        for pts, frame in zip(islice(every, first, None), self._decode(packets), strict=False):
            frame.pts = pts
            yield frame

    def _needed_packets(self, wanted: list[int]) -> Iterator[VideoPacket]:
        """Yield packets from the keyframe to the last wanted one, and tell what to leave out."""
        remaining = set(wanted)
        codec = self._demuxer.stream.codec_context
        can_skip = codec.codec.canonical_name in _SKIPPABLE_CODECS
        seek_points = self._timeline.seek_points(wanted[0])
        for packet in self._demuxer.packets_from(wanted[0], seek_points):
            if packet.dts is not None and packet.dts > wanted[-1]:
                return
            if can_skip:
                codec.skip_frame = "DEFAULT" if packet.pts in remaining else "NONREF"
            if packet.pts is not None:
                remaining.discard(packet.pts)
            yield packet
            if not remaining:
                return

    def _decode(self, packets: Iterator[VideoPacket]) -> Iterator[av.VideoFrame]:
        """Yield the frames of packets, then those the decoder still holds."""
        for packet in packets:
            yield from self._send(packet)
        yield from self._drain()

    def _send(self, packet: VideoPacket) -> list[av.VideoFrame]:
        self._num_held += 1
        try:
            frames = self._demuxer.stream.decode(packet)
        except av.error.FFmpegError:
            self.num_lost += 1
            frames = []
        self._num_held = max(self._num_held - len(frames), 0)
        return frames

    def _drain(self) -> Iterator[av.VideoFrame]:
        """Yield what the decoder holds; a seek must follow before it takes packets again."""
        # Some decoders, once they fail, do so for ever.
        for _ in range(_MAX_HELD):
            try:
                frames = self._demuxer.stream.decode(None)
            except EOFError:
                break
            except av.error.FFmpegError:
                self.num_lost += self._num_held > 0
                self._num_held = max(self._num_held - 1, 0)
                continue
            if not frames:
                break
            yield from frames
        self._num_held = 0
