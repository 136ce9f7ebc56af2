"""Which way up: a container's display matrix as one of PIL's transpositions."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, cast

from PIL.Image import Transpose

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt
    from av.buffer import Buffer
    from PIL.Image import Image

__all__ = ["orientation_of", "swaps_sides", "upright_image", "upright_luma"]

# Signs of the matrix's a, b, c, d, where a pixel goes to x' = a*x + c*y, y' = b*x + d*y with y
# pointing down (ISO/IEC 14496-12, section 6.2.2). PIL's rotations are counter-clockwise.
_BY_SIGNS = {
    (1, 0, 0, 1): None,
    (0, 1, -1, 0): Transpose.ROTATE_270,
    (-1, 0, 0, -1): Transpose.ROTATE_180,
    (0, -1, 1, 0): Transpose.ROTATE_90,
    (-1, 0, 0, 1): Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Transpose.TRANSPOSE,
    (0, -1, -1, 0): Transpose.TRANSVERSE,
}
_BY_DEGREES = {
    0: None,
    90: Transpose.ROTATE_90,
    180: Transpose.ROTATE_180,
    270: Transpose.ROTATE_270,
}
_SWAPPING = {
    Transpose.ROTATE_90,
    Transpose.ROTATE_270,
    Transpose.TRANSPOSE,
    Transpose.TRANSVERSE,
}


def orientation_of(frame: av.VideoFrame) -> Transpose | None:
    """Return what makes the frame's stored pixels upright; None where nothing is to do.

    An angle between right angles is taken as the nearest of them.
    """
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV fails on side data of a kind that it has no name for; the angle it still tells.
        return _BY_DEGREES[round(frame.rotation / 90) * 90 % 360]
    if matrix is None:
        return None
    a, b, _, c, d, *_ = struct.unpack("<9i", bytes(cast("Buffer", matrix)))
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return _BY_SIGNS[_sign(a), 0, 0, _sign(d)]
    return _BY_SIGNS[0, _sign(b), _sign(c), 0]


def swaps_sides(orientation: Transpose | None) -> bool:
    """Whether the upright picture's width is the stored picture's height."""
    return orientation in _SWAPPING


def upright_image(image: Image, orientation: Transpose | None) -> Image:
    """Turn a picture upright; its pixels are moved and not changed."""
    return image if orientation is None else image.transpose(orientation)


def upright_luma(
    luma: npt.NDArray[np.uint8], orientation: Transpose | None
) -> npt.NDArray[np.uint8]:
    """Turn (rows, columns) luma upright, into memory of its own."""
    if orientation in {Transpose.TRANSPOSE, Transpose.ROTATE_90}:
        luma = luma.T
    elif orientation in {Transpose.TRANSVERSE, Transpose.ROTATE_270}:
        luma = luma[::-1, ::-1].T
    elif orientation is Transpose.ROTATE_180:
        luma = luma[::-1, ::-1]
    if orientation in {Transpose.ROTATE_90, Transpose.ROTATE_270, Transpose.FLIP_TOP_BOTTOM}:
        luma = luma[::-1]
    elif orientation is Transpose.FLIP_LEFT_RIGHT:
        luma = luma[:, ::-1]
    return luma.copy()


def _sign(value: int) -> int:
    return -1 if value < 0 else 1
