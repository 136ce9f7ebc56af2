"""A real clip, one time after the other: pages speak of moments that short clips do not have."""

from __future__ import annotations

from pathlib import Path

import av


def play_twice(source: Path, target: Path) -> None:
    """Write ``source`` twice in a row, packet by packet, so that nothing is encoded again."""
    with av.open(str(target), "w") as written:
        stream, length = None, 0
        for turn in range(2):
            with av.open(str(source)) as read:
                video = read.streams.video[0]
                if stream is None:
                    stream = written.add_stream_from_template(video)
                    length = video.duration or 0
                for packet in read.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts += turn * length
                    packet.pts += turn * length
                    packet.stream = stream
                    written.mux(packet)
