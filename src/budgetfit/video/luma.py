"""Luma of candidate frames, without a detour over RGB where the stored pixels have it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from av.video.reformatter import ColorRange
from PIL import Image

from budgetfit.video.color import has_alpha, hdr_transfer, stored_range, to_opaque
from budgetfit.video.pictures import reduce_luma, reduced
from budgetfit.video.tone_mapping import luma_table

if TYPE_CHECKING:
    import av
    import numpy.typing as npt
    from av.video.reformatter import VideoReformatter

    from budgetfit.video.tone_mapping import Transfer

__all__ = ["to_luma"]

# Pixels; their products stay in the processor's cache.
_STRETCHED_AT_ONCE = 2**15


def to_luma(frame: av.VideoFrame, reformatter: VideoReformatter) -> npt.NDArray[np.uint8]:
    """Return (rows, columns) full-range luma, not yet upright, its long side at most 2048.

    The codes of YUV and grey are read from the frame's first plane, whatever their depth, and
    stretched to full range; HDR luma is tone-mapped as grey, so that it looks as the decoded
    picture will. Other formats are converted to RGB or grey first.
    """
    if has_alpha(frame):
        return reduce_luma(to_opaque(frame, reformatter).convert("L"))
    if not _has_luma_plane(frame):
        full = ColorRange.JPEG
        stored = full if frame.format.is_rgb else stored_range(frame)
        frame = reformatter.reformat(
            frame, format="gray8", src_color_range=stored, dst_color_range=full
        )
        return reduce_luma(Image.fromarray(_codes(frame)))
    bits, transfer = frame.format.components[0].bits, hdr_transfer(frame)
    is_limited = stored_range(frame) is ColorRange.MPEG and not _is_grey(frame)
    if bits > 8:
        table = _table(bits, is_limited, transfer)
        return reduce_luma(Image.fromarray(np.take(table, _codes(frame), mode="clip")))
    # Reduced first: stretching is almost linear, and there is less of it to do.
    codes = reduced(Image.fromarray(_codes(frame)))
    if transfer is not None:
        return np.asarray(codes.point(_table(bits, is_limited, transfer).tolist()))
    return _stretched(np.asarray(codes)) if is_limited else np.asarray(codes)


def _is_grey(frame: av.VideoFrame) -> bool:
    """Whether the frame has no chroma; such formats use the full range."""
    return len(frame.format.components) == 1


def _has_luma_plane(frame: av.VideoFrame) -> bool:
    """Whether the first plane is luma and nothing else, in codes that NumPy can read."""
    pixel_format = frame.format
    # P010 and its like hold their bits at the upper end of each word.
    if not pixel_format.name.startswith(("yuv", "nv", "gray")) or pixel_format.is_big_endian:
        return False
    first, *others = pixel_format.components
    is_alone = first.plane == 0 and all(part.plane != 0 for part in others)
    is_readable = 8 <= first.bits <= 16 and not pixel_format.name.startswith("nv20")
    # A picture stored bottom up has a negative line size.
    return is_alone and is_readable and frame.planes[0].line_size > 0


def _codes(frame: av.VideoFrame) -> npt.NDArray[np.uint8 | np.uint16]:
    """Return the first plane as (rows, columns) without the padding of its rows, in one piece."""
    plane = frame.planes[0]
    dtype = np.dtype(np.uint8 if frame.format.components[0].bits == 8 else np.uint16)
    codes = np.frombuffer(memoryview(plane), dtype)
    rows: npt.NDArray[np.uint8 | np.uint16] = codes.reshape(-1, plane.line_size // dtype.itemsize)
    # PIL would copy rows with gaps pixel by pixel, which takes longer than decoding them.
    return np.ascontiguousarray(rows[: frame.height, : frame.width])


def _stretched(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Stretch 16 to 235 to 0 to 255, as the table of 8 bits without a transfer function does.

    Whole numbers take half the time of looking codes up: 255 / 219 of n is n and 36 / 219 of n.
    """
    luma = np.clip(codes, 16, 235)
    luma -= np.uint8(16)
    # A few rows at a time: memory for products of a whole frame costs more than they do.
    num_rows = max(1, _STRETCHED_AT_ONCE // codes.shape[1])
    for first in range(0, len(luma), num_rows):
        some = luma[first : first + num_rows]
        more = some.astype(np.uint16)
        more *= np.uint16(36)
        # It never lies halfway between whole numbers: 24 n would be 73 times an odd number.
        more += np.uint16(219 // 2)
        more //= np.uint16(219)
        np.add(some, more, out=some, casting="unsafe")
    return luma


@cache
def _table(bits: int, is_limited: bool, transfer: Transfer | None) -> npt.NDArray[np.uint8]:
    """8-bit luma of each stored code; limited range is 16 to 235 times 2**(bits - 8) (BT.601)."""
    codes = np.arange(2**bits)
    unit = 2 ** (bits - 8)
    light = (codes - 16 * unit) / (219 * unit) if is_limited else codes / (2**bits - 1)
    light = np.clip(light, 0, 1)
    if transfer is None:
        return np.asarray(np.round(255 * light), np.uint8)
    return luma_table(transfer)[np.asarray(np.round(65535 * light), np.uint16)]
