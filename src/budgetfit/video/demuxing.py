"""One open container: its video stream, its packets, and every seek."""

from __future__ import annotations

import time
from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.container
import av.error
import av.format

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.limits import VideoLimits
from budgetfit.video.opening import open_container

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.packet import Packet
    from av.video.stream import VideoStream

    from budgetfit.video.media import Media

    VideoPacket = Packet[VideoStream]

__all__ = ["Demuxer", "fraction"]

# How much further back, in seconds, each seek for a frame goes than the one that missed it.
_STEPS_BACK_S = (0, 0, 0, 1, 4, 16, 64)


def fraction(rational: Fraction | None) -> Fraction | None:
    """Convert one of PyAV's rationals; None where it is unset or zero."""
    if not rational:
        return None
    return Fraction(rational.numerator, rational.denominator)


class Demuxer:
    """The packets of a container's video stream, from the start or from a keyframe.

    Attributes
    ----------
    media : Media
        What was opened.
    limits : VideoLimits
        What it may ask for, by the environment.
    stream : av.video.stream.VideoStream
        The video stream; replaced when a container that cannot seek is opened again.
    warnings : list of str
        What went wrong while reading, for people.

    Raises
    ------
    VideoError
        It is not a video file, or has no video stream; ``VideoLimitError`` where it asks for more
        than is allowed.
    """

    def __init__(self, media: Media, warnings: list[str]) -> None:
        self.media = media
        self.limits = VideoLimits.of_environment()
        self.warnings = warnings
        self._epoch = 0
        self._opened_s = time.monotonic()
        self._closed = False
        self._container, self.stream = open_container(media, self.limits)

    @property
    def container(self) -> av.container.InputContainer:
        """The open container."""
        if self._closed:
            raise VideoError(f"{self.media.label} was closed; open the source again")
        self.media.check_readable()
        return self._container

    @property
    def time_base(self) -> Fraction:
        """Seconds of a tick of the stream's timestamps."""
        return fraction(self.stream.time_base) or Fraction(1, av.time_base)

    def close(self) -> None:
        """Close the container; closing twice does nothing."""
        self._epoch += 1
        self._closed = True
        self._container.close()

    def rewind(self) -> None:
        """Go back to the first packet."""
        self._epoch += 1
        if not self._can_seek():
            self._reopen()
            return
        try:
            self._seek(min(self.stream.start_time or 0, 0) - 1)
        except av.error.FFmpegError:
            self._reopen()

    def packets(self) -> Iterator[VideoPacket]:
        """Yield the stream's packets from here to the end, or to where the file is damaged.

        Raises
        ------
        UsageError
            Someone else moved the container since the last packet.
        """
        epoch = self._epoch
        ends = self._opened_s + self.limits.max_read_s
        demuxed = self.container.demux(self.stream)
        while True:
            if self._epoch != epoch:
                raise UsageError(
                    f"{self.media.label} was read elsewhere before its sampling had finished; "
                    "collect the sampled frames in a list first"
                )
            if time.monotonic() > ends:
                self.limits.refuse("max_read_s", f"{self.limits.max_read_s}", self.media.label)
            try:
                packet = next(demuxed, None)
            except av.error.FFmpegError as error:
                self.warn(f"reading stopped early at damaged data ({error.strerror})")
                return
            if packet is None:
                return
            if packet.size:
                yield packet

    def packets_from(self, pts: int, seek_points: Sequence[int] = ()) -> Iterator[VideoPacket]:
        """Yield packets from a keyframe that is shown at or before ``pts``.

        Containers seek by shown or by decoding times, to a keyframe or to any packet; so a seek
        is tried, judged by where it landed, and tried again further back.

        Parameters
        ----------
        pts : int
            The frame that is wanted.
        seek_points : sequence of int
            Timestamps to try first: of the wanted frame's keyframe, where it is known.
        """
        points = deque(seek_points or [pts])
        at = pts
        for step_s in _STEPS_BACK_S:
            at = points.popleft() if points else at - round(step_s / self.time_base)
            packets = self._packets_after_seek(at)
            first = _first_keyframe(packets, pts)
            if first is None or first.pts is None:
                continue
            if first.pts <= pts:
                yield first
                yield from packets
                return
            if not points and first.dts is not None:
                points.append(min(at, first.dts) - 1)
        self.rewind()
        yield from self.packets()

    def packets_near(self, timestamp: int) -> Iterator[VideoPacket]:
        """Yield packets from the keyframe that a seek to ``timestamp`` lands on."""
        packets = self._packets_after_seek(timestamp)
        first = _first_keyframe(packets, None)
        if first is not None:
            yield first
            yield from packets

    def packets_at(self, position: int) -> Iterator[VideoPacket]:
        """Yield packets from the one that begins at byte ``position`` of a stream without times."""
        self._epoch += 1
        self.container.seek(position, unsupported_byte_offset=True)
        return self.packets()

    def warn(self, text: str) -> None:
        """Keep a warning, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def _packets_after_seek(self, timestamp: int) -> Iterator[VideoPacket]:
        """Seek, and yield the packets from there; all of them where seeking fails."""
        self._epoch += 1
        if self._can_seek():
            try:
                self._seek(timestamp)
            except av.error.FFmpegError:
                self.rewind()
        else:
            self.rewind()
        return self.packets()

    def _can_seek(self) -> bool:
        """Whether the demuxer itself can seek.

        For raw streams and animations FFmpeg remembers where packets were, which leads past the
        headers that APNG's decoder needs.
        """
        generic_index = cast("int", av.format.Flags.generic_index.value)
        return not self.container.format.flags & generic_index

    def _reopen(self) -> None:
        self.container.close()
        self._container, self.stream = open_container(self.media, self.limits)

    def _seek(self, timestamp: int) -> None:
        self.container.seek(timestamp, stream=self.stream)


def _first_keyframe(packets: Iterator[VideoPacket], until: int | None) -> VideoPacket | None:
    """Return the first keyframe's packet; none of the packets decoded after ``until``."""
    for packet in packets:
        if packet.is_keyframe:
            return packet
        if until is not None and packet.dts is not None and packet.dts > until:
            return None
    return None
