"""Stored pixels as RGB pictures: matrix, range, bit depth, transparency and HDR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image

from budgetfit.video.pictures import on_white
from budgetfit.video.tone_mapping import Transfer, tone_map

if TYPE_CHECKING:
    import av
    import numpy.typing as npt
    from av.video.reformatter import VideoReformatter

__all__ = ["has_alpha", "hdr_transfer", "stored_range", "to_opaque", "to_rgb"]

# FFmpeg's numbers of ITU-T H.273: AVColorSpace to swscale's matrices, and two transfers.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}
_FULL_RANGE = 2

# PIL's mode, and its name of the order of bytes, of formats that it reads as they lie.
_RAW_MODES = {"rgb24": ("RGB", "RGB"), "rgba": ("RGBA", "RGBA"), "bgra": ("RGBA", "BGRA")}

# Players take an untagged picture of this height and above for BT.709, a smaller one for BT.601.
_HD_HEIGHT = 720

# Bicubic chroma at full horizontal resolution; the default drops to nearest neighbour in places.
_ACCURATE = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


def hdr_transfer(frame: av.VideoFrame) -> Transfer | None:
    """Return the frame's HDR transfer function; None for standard dynamic range."""
    return _TRANSFERS.get(int(frame.color_trc))


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether the frame's pixels can be transparent."""
    pixel_format = frame.format
    return pixel_format.has_palette or any(part.is_alpha for part in pixel_format.components)


def stored_range(frame: av.VideoFrame) -> Literal[ColorRange.MPEG, ColorRange.JPEG]:
    """Return whether luma uses 16 to 235 (MPEG) or 0 to 255 (JPEG); untagged YUV is MPEG."""
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    return ColorRange.JPEG if full else ColorRange.MPEG


def to_rgb(frame: av.VideoFrame, reformatter: VideoReformatter) -> Image.Image:
    """Convert a frame to RGB at its stored size, not yet upright.

    The matrix and the range are the frame's; an untagged matrix is BT.2020 for HDR, else BT.709
    from a height of 720 on and BT.601 below. PQ and HLG are tone-mapped to sRGB. Transparent
    pixels are put on white, as mistral-common does. BT.2020 primaries of SDR video are kept as
    they are.
    """
    if has_alpha(frame):
        return to_opaque(frame, reformatter).convert("RGB")
    transfer = hdr_transfer(frame)
    if transfer is None:
        return _picture(_reformat(frame, reformatter, "rgb24"))
    deep = reformatter.reformat(
        frame,
        format="rgb48le",
        src_colorspace=_matrix(frame),
        src_color_range=stored_range(frame),
        dst_color_range=ColorRange.JPEG,
        interpolation=_ACCURATE,
    )
    return Image.fromarray(tone_map(cast("npt.NDArray[np.uint16]", deep.to_ndarray()), transfer))


def to_opaque(frame: av.VideoFrame, reformatter: VideoReformatter) -> Image.Image:
    """Put a frame whose pixels can be transparent on white, at its stored size.

    Returns
    -------
    PIL.Image.Image
        RGB, or RGBA where all pixels are opaque as they are, which spares a copy.
    """
    is_readable = frame.format.name in {"rgba", "bgra"} and frame.planes[0].line_size > 0
    packed = frame if is_readable else _reformat(frame, reformatter, "rgba")
    image = _picture(packed)
    return image if _is_opaque(packed) else on_white(image)


def _reformat(
    frame: av.VideoFrame, reformatter: VideoReformatter, name: Literal["rgb24", "rgba"]
) -> av.VideoFrame:
    """Let swscale convert to 8-bit RGB(A)."""
    if frame.format.is_rgb or frame.format.has_palette:
        return reformatter.reformat(frame, format=name)
    return reformatter.reformat(
        frame,
        format=name,
        src_colorspace=_matrix(frame),
        src_color_range=stored_range(frame),
        dst_color_range=ColorRange.JPEG,
        interpolation=_ACCURATE,
    )


def _picture(packed: av.VideoFrame) -> Image.Image:
    """Copy a frame of a packed format to a picture."""
    plane = packed.planes[0]
    mode, raw_mode = _RAW_MODES[packed.format.name]
    size = (packed.width, packed.height)
    return Image.frombytes(mode, size, memoryview(plane), "raw", raw_mode, plane.line_size, 1)


def _is_opaque(packed: av.VideoFrame) -> bool:
    """Whether all pixels of a frame of four bytes a pixel, the last of them alpha, are opaque."""
    plane = packed.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint32).reshape(-1, plane.line_size // 4)
    common = np.bitwise_and.reduce(rows[: packed.height, : packed.width], axis=None)
    return bool(common.tobytes()[3] == 255)


def _matrix(frame: av.VideoFrame) -> Colorspace:
    """Return the frame's YUV matrix, or a player's guess where it is not tagged."""
    tagged = _MATRICES.get(int(frame.colorspace))
    if tagged is not None:
        return tagged
    if hdr_transfer(frame) is not None:
        return Colorspace.BT2020
    return Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
