"""Clips with known content, encoded with PyAV for the tests that need one.

Every picture shows its own number as a 4 x 4 grid of black and white cells, so that a test can
tell exactly which picture came back, upright or not, after any codec and at any size.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Target = str | Path | io.BytesIO

TICK = Fraction(1, 90_000)
# Their encoders count frames, or have a tick of their own; so does AVI.
_CODECS_OF_FIXED_TICKS = {"gif", "apng", "mpeg4", "mpeg2video"}
# The corners of the grid: with three white and one black, no rotation or mirror image passes.
_MARKS = {0: 1, 3: 1, 12: 1, 15: 0}
# One more asymmetry, because the marks alone are symmetric about a diagonal.
_MARKS[1] = 0
_MARKS[4] = 1
_NUMBER_CELLS = [cell for cell in range(16) if cell not in _MARKS]
MAX_NUMBER = 2 ** len(_NUMBER_CELLS) - 1


def numbered_picture(number: int, width: int = 64, height: int = 48) -> Picture:
    """Draw ``number`` (at most 1023) as a (height, width) grey picture of 4 x 4 cells."""
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"number is {number}; it must be within 0 to {MAX_NUMBER}")
    cells = np.zeros(16, np.uint8)
    for cell, bit in _MARKS.items():
        cells[cell] = bit
    for place, cell in enumerate(_NUMBER_CELLS):
        cells[cell] = number >> place & 1
    rows = np.arange(height) * 4 // height
    columns = np.arange(width) * 4 // width
    return np.asarray(16 + 219 * cells.reshape(4, 4)[np.ix_(rows, columns)], np.uint8)


def read_number(picture: npt.NDArray[np.uint8]) -> int:
    """Read the number back from (rows, columns) luma or (rows, columns, 3) RGB."""
    grey = picture.mean(axis=2) if picture.ndim == 3 else picture.astype(float)
    rows, columns = grey.shape
    means = np.empty(16)
    for cell in range(16):
        row, column = divmod(cell, 4)
        # Only the middle of a cell: its borders are blurred by codecs and resampling.
        block = grey[
            rows * (4 * row + 1) // 16 : max(rows * (4 * row + 3) // 16, rows * row // 4 + 1),
            columns * (4 * column + 1) // 16 : max(
                columns * (4 * column + 3) // 16, columns * column // 4 + 1
            ),
        ]
        means[cell] = block.mean()
    bits = (means > 127).astype(int)
    wrong = [cell for cell, bit in _MARKS.items() if bits[cell] != bit]
    if wrong:
        raise AssertionError(f"not an upright numbered picture: marks {wrong} differ")
    return sum(int(bits[cell]) << place for place, cell in enumerate(_NUMBER_CELLS))


def numbered_pictures(count: int, width: int = 64, height: int = 48) -> list[Picture]:
    """Draw the numbers 0 to ``count - 1``."""
    return [numbered_picture(number, width, height) for number in range(count)]


def make_clip(
    target: Target,
    pictures: int | Iterable[npt.NDArray[Any]] = 10,
    *,
    fps: int | Fraction = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    width: int = 64,
    height: int = 48,
    gop: int | None = None,
    bframes: int = 0,
    times_s: Sequence[float] | None = None,
    start_s: float = 0.0,
    rotation: float = 0,
    hflip: bool = False,
    vflip: bool = False,
    sample_aspect_ratio: Fraction | None = None,
    audio_s: float = 0.0,
    container_format: str | None = None,
    container_options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    colors: dict[str, int] | None = None,
) -> Target:
    """Encode a clip into a path or a ``BytesIO``, and return the target.

    Parameters
    ----------
    pictures : int or iterable of arrays
        How many numbered pictures, or the pictures: (height, width) grey, (height, width, 3)
        uint8 RGB, (height, width, 4) uint8 RGBA, or (height, width, 3) uint16 RGB.
    fps : int or Fraction
        Pictures a second; also the codec's notion of it where ``times_s`` is given.
    gop : int, optional
        Distance of keyframes in pictures; the whole clip is one group without it.
    times_s : sequence of float, optional
        When each picture is shown, for variable frame rates.
    start_s : float
        Time of the first picture in the stream; an audio stream starts at 0.
    rotation, hflip, vflip
        Display matrix: counter-clockwise degrees, then mirror images.
    audio_s : float
        Length of a silent audio stream; none is made for 0.
    colors : dict, optional
        ``color_range``, ``colorspace``, ``color_trc``, ``color_primaries`` as FFmpeg's integers.
    """
    frames = numbered_pictures(pictures, width, height) if isinstance(pictures, int) else pictures
    output: Any = target if isinstance(target, io.BytesIO) else str(target)
    with (
        _priority_kept(),
        av.open(
            output, "w", format=container_format, container_options=container_options or {}
        ) as container,
    ):
        rate = Fraction(fps)
        stream: Any = container.add_stream(codec, rate=rate, options=codec_options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        if codec not in _CODECS_OF_FIXED_TICKS and container_format != "avi":
            stream.codec_context.time_base = TICK
        stream.gop_size = 10_000 if gop is None else gop
        if codec == "libx264":
            # No keyframes of its own, and with them none of the usual chatter.
            defaults = {"sc_threshold": "0"}
            stream.codec_context.options = {**defaults, **(codec_options or {})}
        if codec.startswith(("libx26", "mpeg")):
            stream.codec_context.max_b_frames = bframes
        if sample_aspect_ratio is not None:
            stream.codec_context.sample_aspect_ratio = sample_aspect_ratio
        for name, value in (colors or {}).items():
            setattr(stream.codec_context, name, value)
        if rotation or hflip or vflip:
            stream.set_display_rotation(rotation, hflip=hflip, vflip=vflip)
        audio: Any = container.add_stream("aac", rate=48_000) if audio_s else None
        _encode_audio(container, audio, audio_s)
        time_base = stream.codec_context.time_base or 1 / rate
        for number, picture in enumerate(frames):
            time_s = number / rate if times_s is None else Fraction(times_s[number])
            frame = _video_frame(picture, pix_fmt, colors or {})
            frame.time_base = time_base
            frame.pts = round((time_s + Fraction(start_s)) / time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target


@contextmanager
def _priority_kept() -> Iterator[None]:
    """Undo what SVT-AV1 does to the calling thread where root runs it.

    It makes it one of real time, for which everything else on the machine waits.
    """
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def clip_bytes(pictures: int | Iterable[npt.NDArray[Any]] = 10, **options: Any) -> bytes:
    """Encode a clip as :func:`make_clip` does, in memory; mp4 unless a format is named."""
    buffer = io.BytesIO()
    make_clip(buffer, pictures, **{"container_format": "mp4", **options})
    return buffer.getvalue()


def _video_frame(picture: npt.NDArray[Any], pix_fmt: str, colors: dict[str, int]) -> av.VideoFrame:
    """Convert a picture to ``pix_fmt``; grey goes into the luma plane unchanged."""
    if picture.ndim == 2:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="gray8")
        # The same range on both sides keeps luma values as they are.
        frame = frame.reformat(format=pix_fmt, src_color_range=1, dst_color_range=1)
    else:
        names = {(3, 1): "rgb24", (4, 1): "rgba", (3, 2): "rgb48le"}
        name = names[picture.shape[2], picture.dtype.itemsize]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=name)
        if pix_fmt != name:
            frame = frame.reformat(
                format=pix_fmt,
                dst_colorspace=colors.get("colorspace", 5),
                src_color_range=2,
                dst_color_range=colors.get("color_range", 1),
            )
    for name, value in colors.items():
        setattr(frame, name, value)
    return frame


def _encode_audio(container: Any, stream: Any, length_s: float) -> None:
    """Write ``length_s`` seconds of silence that starts at 0."""
    if stream is None:
        return
    for index in range(int(length_s * 48_000) // 1024):
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        samples.sample_rate = 48_000
        samples.pts = index * 1024
        samples.time_base = Fraction(1, 48_000)
        container.mux(stream.encode(samples))
    container.mux(stream.encode(None))


def make_smaller(source: Path, target: Path, *, width: int, height: int) -> None:
    """Encode a real clip again at another size, with a keyframe every second."""
    with av.open(str(source)) as container:
        (stream, *_) = container.streams.video
        fps = stream.average_rate
        assert fps is not None
        frames = (
            frame.to_ndarray(format="rgb24", width=width, height=height)
            for frame in container.decode(stream)
        )
        make_clip(target, frames, fps=fps, width=width, height=height, gop=round(fps))
