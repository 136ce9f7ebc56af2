"""Media that people really have and that break readers, each with what it must be seen as."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import av
import numpy as np
from PIL import Image

from tests.hostile.seeds import seed
from tests.video.clips import clip_bytes, numbered_pictures

__all__ = ["MEDIA", "Expected", "cut", "decreasing", "with_cover"]


class Expected(NamedTuple):
    """What a person would say of a clip whose pictures show their numbers.

    Attributes
    ----------
    times_s : tuple of float
        When each picture is shown.
    size : (int, int)
        Displayed width and height.
    duration_s : float
        How long it lasts.
    """

    times_s: tuple[float, ...]
    size: tuple[int, int] = (64, 48)
    duration_s: float | None = None


def _evenly(count: int) -> tuple[float, ...]:
    return tuple(number / 25 for number in range(count))


def _clip(count: int, **options: Any) -> Callable[[], bytes]:
    return lambda: clip_bytes(count, **options)


def _transparent() -> bytes:
    opaque = np.full((48, 64), 255, np.uint8)
    pictures = [np.dstack([p, p, p, opaque]) for p in numbered_pictures(5)]
    return clip_bytes(
        pictures, codec="ffv1", pix_fmt="bgra", container_format="matroska", colors={}
    )


def _palette() -> bytes:
    images = [Image.fromarray(p).convert("P") for p in numbered_pictures(5)]
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=40)
    return buffer.getvalue()


def _changing(larger_first: bool) -> bytes:
    sizes: list[tuple[int, int]] = [(64, 48), (128, 96)]
    content = b""
    for width, height in reversed(sizes) if larger_first else sizes:
        content += clip_bytes(4, container_format="h264", width=width, height=height)
    return content


def with_cover() -> bytes:
    """Return a clip with a picture of its cover in front of the video."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        cover = io.BytesIO()
        Image.new("RGB", (500, 500), "red").save(cover, "JPEG")
        container.add_attachment("cover.jpg", "image/jpeg", cover.getvalue())
        for picture in numbered_pictures(5):
            frame = av.VideoFrame.from_ndarray(picture, format="gray8").reformat(
                format="yuv420p", src_color_range=1, dst_color_range=1
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def decreasing() -> bytes:
    """Return six frames, each to be shown before the one that was stored before it."""
    content = bytearray(clip_bytes(6, container_format="matroska", codec="ffv1", pix_fmt="gray"))
    with av.open(io.BytesIO(bytes(content)), "r") as container:
        positions = [p.pos for p in container.demux(video=0) if p.size]
    # A SimpleBlock: its track in a byte, then its time in two, in milliseconds (RFC 9559).
    for number, position in enumerate(positions):
        place = content.index(b"\x81", position)
        struct.pack_into(">h", content, place + 1, 40 * (len(positions) - 1 - number))
    return bytes(content)


def _wrong_duration(seconds: int) -> Callable[[], bytes]:
    def made() -> bytes:
        content = bytearray(clip_bytes(25))
        for name in (b"mvhd", b"mdhd"):
            place = content.rindex(name) + 4
            (scale,) = struct.unpack_from(">I", content, place + 12)
            struct.pack_into(">I", content, place + 16, scale * seconds)
        return bytes(content)

    return made


def cut(name_or_clip: str | bytes, share: float) -> bytes:
    """Return the first part of a file."""
    content = seed(name_or_clip) if isinstance(name_or_clip, str) else name_or_clip
    return content[: int(len(content) * share)]


MEDIA: dict[str, tuple[Callable[[], bytes], Expected]] = {
    "one frame": (_clip(1), Expected((0.0,), duration_s=0.04)),
    "two frames": (_clip(2), Expected((0.0, 0.04), duration_s=0.08)),
    "grey": (
        _clip(5, codec="ffv1", pix_fmt="gray", container_format="matroska"),
        Expected(_evenly(5)),
    ),
    "grey of 10 bits": (
        _clip(5, codec="ffv1", pix_fmt="gray10le", container_format="matroska"),
        Expected(_evenly(5)),
    ),
    "10 bits": (_clip(5, pix_fmt="yuv420p10le"), Expected(_evenly(5))),
    "12 bits": (
        _clip(5, codec="ffv1", pix_fmt="yuv444p12le", container_format="matroska"),
        Expected(_evenly(5)),
    ),
    "alpha": (_transparent, Expected(_evenly(5))),
    "palette": (_palette, Expected(_evenly(5))),
    "APNG": (lambda: seed("alpha.apng"), Expected(_evenly(12))),
    "animated WebP": (lambda: seed("moving.webp"), Expected(_evenly(12), duration_s=0.48)),
    "a still WebP": (lambda: seed("still.webp"), Expected((0.0,))),
    "raw H.264": (lambda: seed("h264.h264"), Expected(_evenly(12), duration_s=0.48)),
    "interlaced": (
        _clip(
            6,
            codec="mpeg2video",
            container_format="mpegts",
            codec_options={"flags": "+ildct+ilme", "b": "2M"},
        ),
        Expected(_evenly(6)),
    ),
    "anamorphic": (
        _clip(5, sample_aspect_ratio=Fraction(4, 3)),
        Expected(_evenly(5), size=(85, 48)),
    ),
    "variable times": (
        _clip(5, times_s=[0, 0.04, 0.5, 0.56, 3]),
        Expected((0, 0.04, 0.5, 0.56, 3)),
    ),
    "stated too long": (_wrong_duration(3600), Expected(_evenly(25), duration_s=1.0)),
    "stated too short": (_wrong_duration(0), Expected(_evenly(25), duration_s=1.0)),
    "cover art": (with_cover, Expected(_evenly(5))),
    "resolution grows": (lambda: _changing(False), Expected(_evenly(8))),
    "resolution shrinks": (lambda: _changing(True), Expected(_evenly(8), size=(128, 96))),
}
"""Clips by what is odd about them: how each is made, and what it must be seen as.

The pictures of a clip show the numbers 0, 1, 2 ...; where the resolution changes, twice the same.
"""
