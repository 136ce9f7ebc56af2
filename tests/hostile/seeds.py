"""Small whole videos of many containers and codecs: what hostile files are made from."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from tests.video.clips import clip_bytes, make_clip, numbered_picture, numbered_pictures

NUM_PICTURES = 12

# How make_clip makes each; the name says what is in it.
_CLIPS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"gop": 5, "bframes": 2},
    "h264-fragments.mp4": {
        "gop": 4,
        "container_options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
    },
    "h264-sound-turned.mov": {
        "gop": 6,
        "container_format": "mov",
        "audio_s": 0.5,
        "rotation": 90,
        "sample_aspect_ratio": Fraction(4, 3),
    },
    "h264-10bit.mkv": {"container_format": "matroska", "pix_fmt": "yuv420p10le", "gop": 5},
    "h264.ts": {"container_format": "mpegts", "gop": 5, "bframes": 2},
    "h264.flv": {"container_format": "flv", "gop": 5},
    "h264.h264": {"container_format": "h264", "gop": 5, "bframes": 2},
    "hevc.mp4": {"codec": "libx265", "gop": 5, "codec_options": {"x265-params": "log-level=none"}},
    "vp8.webm": {"container_format": "webm", "codec": "libvpx", "gop": 5},
    "vp9.webm": {"container_format": "webm", "codec": "libvpx-vp9", "gop": 5},
    "mpeg4.avi": {"container_format": "avi", "codec": "mpeg4", "gop": 5, "bframes": 1},
    "mpeg2.mpg": {"container_format": "mpeg", "codec": "mpeg2video", "gop": 5, "bframes": 1},
    "mpeg2.mxf": {"container_format": "mxf", "codec": "mpeg2video", "gop": 5},
    "wmv2.asf": {"container_format": "asf", "codec": "wmv2", "gop": 5},
    "prores.mov": {"container_format": "mov", "codec": "prores_ks", "pix_fmt": "yuv422p10le"},
    "animation.mov": {"container_format": "mov", "codec": "qtrle", "pix_fmt": "argb"},
    "ffv1.mkv": {"container_format": "matroska", "codec": "ffv1", "pix_fmt": "gray"},
    "mjpeg.avi": {"container_format": "avi", "codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "mpeg4.nut": {"container_format": "nut", "codec": "mpeg4", "gop": 5},
    "rgb.avi": {"container_format": "avi", "codec": "rawvideo", "pix_fmt": "bgr24"},
    "palette.gif": {"container_format": "gif", "codec": "gif", "pix_fmt": "rgb8"},
    "alpha.apng": {"container_format": "apng", "codec": "apng", "pix_fmt": "rgba"},
}
_STILLS = {"still.png": "PNG", "still.jpg": "JPEG", "still.webp": "WEBP", "still.bmp": "BMP"}


@cache
def seed(name: str) -> bytes:
    """Return the whole file of this name; the same bytes in every process of a build of FFmpeg."""
    if name in _CLIPS:
        return clip_bytes(NUM_PICTURES, **_CLIPS[name])
    if name in _STILLS:
        return _saved(0, _STILLS[name])
    return _OTHERS[name]()


def _saved(number: int, image_format: str, **options: Any) -> bytes:
    image = Image.fromarray(numbered_picture(number)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def _index_first() -> bytes:
    # FFmpeg moves an index to the front in a file on a disk only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        make_clip(path, NUM_PICTURES, gop=4, container_options={"movflags": "faststart"})
        return path.read_bytes()


def _av1() -> bytes:
    # No smaller picture is taken by its encoder.
    pictures = numbered_pictures(NUM_PICTURES, 128, 96)
    return clip_bytes(
        pictures, width=128, height=96, container_format="matroska", codec="libsvtav1", gop=5
    )


def _y4m() -> bytes:
    pictures = numbered_pictures(NUM_PICTURES)
    chroma = bytes([128]) * (64 * 48 // 2)
    frames = (b"FRAME\n" + picture.tobytes() + chroma for picture in pictures)
    return b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg\n" + b"".join(frames)


def _moving_webp() -> bytes:
    others = [Image.fromarray(p).convert("RGB") for p in numbered_pictures(NUM_PICTURES)[1:]]
    return _saved(
        0,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=40,
        lossless=True,
        minimize_size=True,
    )


_OTHERS: dict[str, Callable[[], bytes]] = {
    "h264-index-first.mp4": _index_first,
    "av1.mkv": _av1,
    "raw.y4m": _y4m,
    "moving.webp": _moving_webp,
}
NAMES = (*_CLIPS, *_STILLS, *_OTHERS)
