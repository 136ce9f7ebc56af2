"""Animated WebP, which FFmpeg does not decode: its pictures through Pillow, with their times."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from PIL import Image

from budgetfit.errors import VideoDecodeError
from budgetfit.video.images import PICTURE_ERRORS, ImageSequenceSource, as_rgb
from budgetfit.video.limits import VideoLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.video.media import Media

__all__ = ["AnimatedWebpSource", "is_animated_webp"]

# "WebP Container Specification": a RIFF file whose first chunk, VP8X, has flags and the canvas.
_HEADER_BYTES = 30
_ANIMATION = 0x02
# Browsers show a picture that asks for 10 ms or less for a tenth of a second.
_LEAST_MS, _SHOWN_MS = 10, 100
_BYTES_PER_PIXEL = 3


def is_animated_webp(media: Media) -> bool:
    """Whether the bytes begin as an animated WebP does."""
    with media.reading() as file:
        header = file.read(_HEADER_BYTES)
    is_extended = header[:4] == b"RIFF" and header[8:16] == b"WEBPVP8X"
    return len(header) == _HEADER_BYTES and is_extended and bool(header[20] & _ANIMATION)


class AnimatedWebpSource(ImageSequenceSource):
    """The pictures of an animated WebP, all decoded when it is opened.

    Parameters
    ----------
    media : Media
        Where the bytes are.

    Raises
    ------
    VideoDecodeError
        Not even its first picture can be decoded.
    VideoLimitError
        Its pictures are more or larger than is allowed.
    """

    def __init__(self, media: Media) -> None:
        fingerprint = media.fingerprint()
        limits = VideoLimits.of_environment()
        limits.check("max_held_bytes", media.num_bytes, media.label)
        with media.reading() as file:
            stored = file.read()
        width, height = _canvas(stored)
        limits.check("max_pixels", width * height, media.label)
        content = _whole_chunks(stored)
        lost = [] if content == stored else [f"{media.label} was cut off; its end is missing"]
        shown = list(_pictures(content, media, limits, lost))
        ends_ms = list(accumulate(length_ms for _, length_ms in shown))
        times_s = [begin_ms / 1000 for begin_ms in (0, *ends_ms[:-1])]
        super().__init__([image for image, _ in shown], times_s)
        self.warnings += lost
        self.info = replace(
            self.info,
            path=media.path,
            duration_s=ends_ms[-1] / 1000,
            fingerprint=fingerprint,
            num_bytes=media.num_bytes,
            codec="webp",
        )


def _canvas(header: bytes) -> tuple[int, int]:
    width, height = (int.from_bytes(header[start : start + 3], "little") for start in (24, 27))
    return width + 1, height + 1


def _whole_chunks(content: bytes) -> bytes:
    """Return a file that was cut off without its last, incomplete chunk, which Pillow refuses."""
    (stated,) = struct.unpack_from("<I", content, 4)
    if len(content) >= stated + 8:
        return content
    end = 12
    while end + 8 <= len(content):
        (size,) = struct.unpack_from("<I", content, end + 4)
        following = end + 8 + size + size % 2
        if following > len(content):
            break
        end = following
    return content[:4] + struct.pack("<I", end - 8) + content[8:end]


def _pictures(
    content: bytes, media: Media, limits: VideoLimits, lost: list[str]
) -> Iterator[tuple[Image.Image, int]]:
    """Yield pictures and the milliseconds that each is shown, as far as they can be decoded."""
    number, num_frames, held = 0, 0, 0
    try:
        with Image.open(io.BytesIO(content), formats=("WEBP",)) as image:
            num_frames = getattr(image, "n_frames", 1)
            limits.check("max_frames", num_frames, media.label)
            for number in range(num_frames):
                image.seek(number)
                picture = as_rgb(image, number)
                held += _BYTES_PER_PIXEL * picture.width * picture.height
                limits.check("max_held_bytes", held, media.label)
                length_ms = int(image.info.get("duration", 0))
                yield picture.copy(), length_ms if length_ms > _LEAST_MS else _SHOWN_MS
    except PICTURE_ERRORS as error:
        if number == 0:
            raise VideoDecodeError(
                f"{media.label} is an animated WebP and its first picture cannot be decoded; "
                "give another copy of it"
            ) from error
        lost.append(
            f"{num_frames - number} of {num_frames} pictures of {media.label} could not be "
            "decoded; they are left out"
        )
