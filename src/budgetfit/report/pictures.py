"""Pictures inside the page."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.made_from import Seen

__all__ = ["PageImage", "page_images", "thumbnails"]

# So that a page stays below about 3 MB: JPEG takes 0.1 to 0.3 bytes a pixel at these qualities,
# and base64 a third more.
_MAX_PIXELS = 5_000_000
_MAX_THUMBNAIL_PIXELS = 3_000_000
_QUALITY, _THUMBNAIL_QUALITY = 80, 65

# A thumbnail's pixels where there are few: 240 across 16:9.
_LARGE_THUMBNAIL_PIXELS = 240 * 135


@dataclass(frozen=True, slots=True)
class PageImage:
    """A picture inside the page.

    Attributes
    ----------
    url : str
        A data URL.
    width, height : int
        Its pixels.
    """

    url: str
    width: int
    height: int


def page_images(
    images: Sequence[Image.Image], max_pixels: int = _MAX_PIXELS
) -> tuple[tuple[PageImage, ...], float]:
    """Return pictures for a page, and the one factor by which all are reduced.

    Parameters
    ----------
    images : sequence of PIL.Image.Image
        RGB.
    max_pixels : int
        Pixels that all may have together.

    Returns
    -------
    tuple of PageImage, float
        The factor is 1 where nothing had to be reduced.
    """
    pixels = sum(image.width * image.height for image in images)
    factor = min(1.0, math.sqrt(max_pixels / pixels)) if pixels else 1.0
    sizes = [_scaled(image.size, factor) for image in images]
    shown = [
        image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
        for image, size in zip(images, sizes, strict=True)
    ]
    return tuple(_page_image(image, _QUALITY) for image in shown), factor


def thumbnails(seen: Seen) -> tuple[PageImage, ...]:
    """Return a small picture of each candidate.

    Raises
    ------
    VideoError
        The video cannot be read any more.
    """
    pts, info = seen.analysis.pts, seen.video.info
    pixels = min(_LARGE_THUMBNAIL_PIXELS, _MAX_THUMBNAIL_PIXELS / max(1, len(pts)))
    factor = min(1.0, math.sqrt(pixels / (info.width * info.height)))
    size = _scaled((info.width, info.height), factor)
    with seen.video.open() as source:
        decoded = source.decode(pts, [size] * len(pts))
    return tuple(_page_image(image, _THUMBNAIL_QUALITY) for image in decoded)


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    width, height = size
    return max(1, round(width * factor)), max(1, round(height * factor))


def _page_image(image: Image.Image, quality: int) -> PageImage:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality, optimize=True)
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return PageImage(f"data:image/jpeg;base64,{encoded}", image.width, image.height)
