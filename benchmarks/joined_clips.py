"""A long video with real cuts: the benchmark's clips, again and again, in one file."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
import av.error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.video.stream import VideoStream

__all__ = ["FPS", "SIZE", "Joined", "encode_part", "join_parts", "part_order", "remux"]

SIZE = (1280, 720)
"""Width and height in pixels of every part."""

FPS = 25
"""Frames a second of every part."""

# MP4's usual clock, fine enough for any rate.
_TICK = Fraction(1, 90_000)
_FRAME_TICKS = int(1 / (FPS * _TICK))

# Between x264's fastest preset, whose files nobody keeps, and its default, which takes minutes;
# B-frames and keyframes up to 250 frames apart are as in common files.
_OPTIONS = {"preset": "veryfast", "crf": "24", "threads": "1"}


@dataclass(frozen=True, slots=True)
class Joined:
    """What a joined file holds.

    Attributes
    ----------
    num_frames : int
        Frames at ``FPS``.
    cuts_s : tuple of float
        When a part begins after another, in seconds.
    """

    num_frames: int
    cuts_s: tuple[float, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_frames / FPS


def part_order(num_parts: int, seed: int = 0) -> Iterator[int]:
    """Yield indices of parts without end: every part once, shuffled, then all anew."""
    order = list(range(num_parts))
    shuffle = random.Random(seed).shuffle
    while True:
        shuffle(order)
        yield from order


def encode_part(clip: Path, target: Path, *, most_s: float) -> int:
    """Encode up to ``most_s`` seconds of ``clip`` as H.264 of ``SIZE`` at ``FPS``, padded in black.

    Frames that cannot be decoded are left out.

    Returns
    -------
    int
        Frames written; 0, and no file, where none can be decoded.
    """
    num_frames = 0
    partial = target.with_suffix(".partial.mp4")
    with av.open(str(partial), "w") as output:
        stream: Any = output.add_stream("libx264", rate=FPS, options=_OPTIONS)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TICK
        for frame in _scaled_frames(clip):
            if num_frames >= most_s * FPS:
                break
            frame.pts, frame.time_base = num_frames * _FRAME_TICKS, _TICK
            output.mux(stream.encode(frame))
            num_frames += 1
        if num_frames:
            output.mux(stream.encode(None))
    if num_frames:
        partial.rename(target)
    else:
        partial.unlink(missing_ok=True)
    return num_frames


def join_parts(parts: Sequence[Path], target: Path, duration_s: float) -> Joined:
    """Write encoded parts one after another, without encoding again, until ``duration_s``.

    Raises
    ------
    ValueError
        Parts were encoded with different settings.
    """
    num_frames = 0
    starts: list[int] = []
    partial = target.with_suffix(".partial.mp4")
    with av.open(str(partial), "w") as output:
        stream: Any = None
        settings: bytes | None = None
        for index in part_order(len(parts)):
            if num_frames >= duration_s * FPS:
                break
            starts.append(num_frames)
            with av.open(str(parts[index])) as source:
                read: Any = source.streams.video[0]
                if stream is None:
                    stream = output.add_stream_from_template(read)
                    settings = read.codec_context.extradata
                if read.codec_context.extradata != settings:
                    raise ValueError(f"{parts[index]} and {parts[0]} differ; encode both anew")
                num_frames += _copy(source, output, stream, num_frames)
    partial.rename(target)
    return Joined(num_frames, tuple(start / FPS for start in starts[1:]))


def remux(video: Path, target: Path, name: str, options: dict[str, str]) -> None:
    """Write the packets of ``video`` to ``target`` in another format, without encoding again."""
    with av.open(str(video)) as source, av.open(str(target), "w", name, options) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        _copy(source, output, stream, 0)


def _copy(source: InputContainer, output: OutputContainer, stream: VideoStream, first: int) -> int:
    """Append the packets of ``source`` as frames ``first`` and on; return how many there are."""
    num_packets = 0
    read = source.streams.video[0]
    offset = round(first * _FRAME_TICKS * _TICK / Fraction(read.time_base or _TICK))
    for packet in source.demux(read):
        if packet.dts is None or packet.pts is None:
            continue
        packet.pts += offset
        packet.dts += offset
        packet.stream = stream
        output.mux(packet)
        num_packets += 1
    return num_packets


def _scaled_frames(clip: Path) -> Iterator[av.VideoFrame]:
    """Yield the frames of a clip at ``FPS``, fitted into ``SIZE``."""
    graph: av.filter.Graph | None = None
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            for frame in _decoded(packet):
                graph = graph or _scaling(stream, frame)
                graph.push(frame)
                yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _scaling(stream: VideoStream, frame: av.VideoFrame) -> av.filter.Graph:
    """Return filters from frames such as this to ``FPS`` and ``SIZE``."""
    width, height = SIZE
    graph = av.filter.Graph()
    chain: list[Any] = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=stream.time_base,
        ),
        graph.add("fps", str(FPS)),
        graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease"),
        graph.add("pad", f"{width}:{height}:-1:-1"),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    for above, below in pairwise(chain):
        above.link_to(below)
    graph.configure()
    return graph


def _decoded(packet: av.Packet[VideoStream]) -> list[Any]:
    try:
        return list(packet.decode())
    except av.error.FFmpegError:
        # Damaged clips are among the real ones; what can be decoded of them is taken.
        return []


def _pulled(graph: av.filter.Graph) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (BlockingIOError, EOFError):
            return
