"""Luma of candidate frames, without a detour over RGB where the stored pixels have it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np
from av.video.reformatter import ColorRange
from PIL import Image

from budgetfit.video.color import has_alpha, hdr_transfer, stored_range, to_rgb
from budgetfit.video.pictures import reduce_luma
from budgetfit.video.tone_mapping import luma_table

if TYPE_CHECKING:
    import av
    import numpy.typing as npt
    from av.video.reformatter import VideoReformatter

__all__ = ["to_luma"]


def to_luma(frame: av.VideoFrame, reformatter: VideoReformatter) -> npt.NDArray[np.uint8]:
    """Return (rows, columns) full-range luma, not yet upright, its long side at most 2048.

    8-bit YUV and grey are read from the frame's first plane. Other formats go through swscale; HDR
    luma is tone-mapped as grey, so that it looks as the decoded picture will.
    """
    if has_alpha(frame):
        return reduce_luma(to_rgb(frame, reformatter).convert("L"))
    transfer = hdr_transfer(frame)
    if transfer is not None:
        deep = reformatter.reformat(
            frame,
            format="gray16le",
            src_color_range=stored_range(frame),
            dst_color_range=ColorRange.JPEG,
        )
        return reduce_luma(Image.fromarray(luma_table(transfer)[deep.to_ndarray()]))
    if not _has_luma_plane(frame):
        frame = reformatter.reformat(
            frame,
            format="gray8",
            src_color_range=ColorRange.JPEG if frame.format.is_rgb else stored_range(frame),
            dst_color_range=ColorRange.JPEG,
        )
        return reduce_luma(_first_plane(frame))
    luma = _first_plane(frame)
    reduced = reduce_luma(luma)
    if stored_range(frame) is ColorRange.MPEG and not frame.format.name.startswith("gray"):
        return _full_range_table()[reduced]
    return reduced


def _has_luma_plane(frame: av.VideoFrame) -> bool:
    """Whether the first plane is 8-bit luma and nothing else."""
    pixel_format = frame.format
    if pixel_format.is_rgb or pixel_format.is_bit_stream or pixel_format.is_bayer:
        return False
    first, *others = pixel_format.components
    return first.bits == 8 and first.plane == 0 and all(part.plane != 0 for part in others)


def _first_plane(frame: av.VideoFrame) -> Image.Image:
    """Wrap the first plane as a grey picture; rows may be padded."""
    plane = frame.planes[0]
    size = (frame.width, frame.height)
    return Image.frombuffer("L", size, cast("bytes", plane), "raw", "L", plane.line_size, 1)


@cache
def _full_range_table() -> npt.NDArray[np.uint8]:
    """Full-range code of each limited-range luma code (ITU-R BT.601: 16 black, 235 white)."""
    codes = np.arange(256)
    return np.asarray(np.clip(np.round((codes - 16) * 255 / 219), 0, 255), np.uint8)
