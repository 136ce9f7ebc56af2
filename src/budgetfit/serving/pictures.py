"""Pictures of a request: their sizes, and those of one message as a video of pictures."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.pictures import on_white

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.serving.settings import PlanningSettings

__all__ = ["as_video", "picture_size"]

_OPAQUE_MODES = {"1", "L", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "I;16"}


def picture_size(content: bytes, number: int, settings: PlanningSettings) -> tuple[int, int]:
    """Return the width and the height of a picture in pixels, its pixels unread.

    Raises
    ------
    UsageError
        It has too many pixels.
    VideoError
        It is no picture.
    """
    with _opened(content, number) as image:
        width, height = image.size
    if width * height > settings.max_pixels:
        raise UsageError(
            f"picture {number} has {width}x{height} pixels, more than the {settings.max_pixels} "
            "that the proxy takes; send it smaller"
        )
    return width, height


def as_video(
    contents: Sequence[bytes], longest_side: int
) -> tuple[list[Image.Image], list[float], list[str]]:
    """Return pictures as those of a video: all of one size, a second apart.

    Parameters
    ----------
    contents : sequence of bytes
        Files of pictures, in their order.
    longest_side : int
        Pixels that the model's encoder takes at most a side; larger ones are scaled down, as the
        model would.

    Returns
    -------
    images, times_s, warnings
        Pictures of different sizes are put on white, each in the middle, and a warning says so.

    Raises
    ------
    VideoError
        One cannot be decoded.
    """
    images = [_decoded(content, number, longest_side) for number, content in enumerate(contents, 1)]
    sizes = {image.size for image in images}
    notes = []
    if len(sizes) > 1:
        width, height = (max(sides) for sides in zip(*sizes, strict=True))
        images = [_centred(image, width, height) for image in images]
        notes.append(
            f"the pictures have {len(sizes)} sizes; each was put on white of {width}x{height} "
            "pixels, so send pictures of one size"
        )
    return images, [float(index) for index in range(len(images))], notes


def _opened(content: bytes, number: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # The number of pixels is looked at before any is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(content))
    # PIL's readers of damaged files fail in many ways.
    except Exception as error:
        raise VideoError(
            f"picture {number} cannot be read ({error}); send a PNG, JPEG or WebP file"
        ) from error


def _decoded(content: bytes, number: int, longest_side: int) -> Image.Image:
    with _opened(content, number) as opened:
        try:
            opened.load()
        except Exception as error:
            raise VideoError(
                f"picture {number} cannot be decoded ({error}); send a complete file"
            ) from error
        image = opened if opened.mode in _OPAQUE_MODES else on_white(opened)
        image = ImageOps.exif_transpose(image).convert("RGB")
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return image


def _centred(image: Image.Image, width: int, height: int) -> Image.Image:
    canvas = Image.new("RGB", (width, height), "white")
    canvas.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return canvas
