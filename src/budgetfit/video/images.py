"""A sequence of pictures with times as a source of candidates and chosen frames."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np
from PIL import Image, ImageOps

from budgetfit.errors import UsageError, VideoChangedError, VideoDecodeError, VideoError
from budgetfit.video.fingerprint import fingerprint_pictures
from budgetfit.video.info import TIME_PRECISION_S, CandidateFrame, VideoInfo
from budgetfit.video.pictures import on_white, reduce_luma
from budgetfit.video.sampling import check_part, check_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from budgetfit.video.pictures import Picture

__all__ = ["PICTURE_ERRORS", "ImageSequenceSource", "as_rgb"]

# What Pillow raises for a picture that is damaged or far too large.
PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)

_LABEL = "the image sequence"
_OPAQUE_MODES = {"1", "L", "RGB", "CMYK", "YCbCr", "HSV", "LAB"}
_ALPHA_MODES = {"LA", "La", "P", "PA", "RGBA", "RGBa"}


class ImageSequenceSource:
    """Pictures that the caller has, each shown from its time until the next one's.

    Parameters
    ----------
    images : sequence
        PIL pictures, or uint8 arrays of (rows, columns) grey or (rows, columns, 3) RGB; all of
        one size. Transparent pixels are put on white; an EXIF orientation is applied.
    times_s : sequence of float
        When each picture is shown, in seconds; ascending. The last picture is taken to last as
        long as the one before it, a single picture to last no time.

    Raises
    ------
    UsageError
        A picture, its size or a time cannot be used.
    VideoDecodeError
        A picture is damaged.
    """

    def __init__(self, images: Sequence[Picture], times_s: Sequence[float]) -> None:
        self.warnings: list[str] = []
        self._times_s = _checked_times(times_s, len(images))
        pictures = [_decoded(image, index) for index, image in enumerate(images)]
        self._pictures: list[Image.Image] | None = pictures
        first = pictures[0]
        for index, picture in enumerate(pictures):
            if picture.size != first.size:
                raise UsageError(
                    f"picture {index} is {picture.width}x{picture.height} and the first is "
                    f"{first.width}x{first.height}; give pictures of one size"
                )
        times = self._times_s
        self.info = VideoInfo(
            path=None,
            width=first.width,
            height=first.height,
            duration_s=2 * times[-1] - times[-2] - times[0] if len(times) > 1 else 0.0,
            num_frames=len(pictures),
            fingerprint=fingerprint_pictures(map(_pixels, pictures), times),
            codec="images",
            pixel_format=_mode(images[0]),
        )

    def sample(
        self,
        num_candidates: int,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[CandidateFrame]:
        """Yield pictures spread evenly over a part of the time, without duplicates.

        They are those shown at i / (n - 1) of the part for i from 0 to n - 1, its first and its
        last included; all of it where there are no more than n.

        Raises
        ------
        UsageError
            ``num_candidates`` is below 1, or the part lies outside or ends before it starts.
        VideoError
            The source was closed.
        """
        if num_candidates < 1:
            raise UsageError(f"num_candidates is {num_candidates}; it must be at least 1")
        first_s, last_s = self._ends_s
        begin_s, until_s = max(start_s, first_s), last_s if end_s is None else end_s
        if not (start_s == 0.0 and end_s is None):
            check_part(start_s, until_s, min(first_s, 0.0), last_s, _LABEL)
        return self._sample(self._spread(num_candidates, begin_s, until_s), on_progress)

    def at(self, times_s: Sequence[float]) -> Iterator[CandidateFrame]:
        """Yield the pictures shown at these times, in time order and without duplicates.

        Raises
        ------
        UsageError
            A time lies outside.
        VideoError
            The source was closed.
        """
        check_times(times_s, *self._ends_s, _LABEL)
        return self._sample(sorted(set(map(self._shown_at, times_s))), None)

    def between(self, gaps_s: Sequence[tuple[float, float]]) -> Iterator[CandidateFrame]:
        """Yield the picture shown in the middle of each gap, if it came up inside the gap."""
        shown = [(self._shown_at((begin + end) / 2), begin) for begin, end in gaps_s]
        inside = [index for index, begin in shown if self._times_s[index] > begin]
        return self._sample(inside, None)

    def decode(
        self,
        pts: Sequence[int],
        sizes: Sequence[tuple[int, int]],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[Image.Image]:
        """Resample chosen pictures, once each with LANCZOS, to RGB of the sizes asked.

        Raises
        ------
        VideoChangedError
            There is no picture with one of the indices.
        VideoError
            The source was closed.
        """
        if len(pts) != len(sizes):
            raise UsageError(f"{len(pts)} timestamps and {len(sizes)} sizes; give one for each")
        pictures = self._open_pictures()
        for index in pts:
            if not 0 <= index < len(pictures):
                raise VideoChangedError(
                    f"{_LABEL} has no picture {index}; it has {len(pictures)}, so plan it again"
                )
        resampled = []
        for done, (index, size) in enumerate(zip(pts, sizes, strict=True), 1):
            resampled.append(pictures[index].resize(size, Image.Resampling.LANCZOS))
            if on_progress is not None:
                on_progress(done, len(pts))
        return resampled

    def close(self) -> None:
        """Let go of the pictures."""
        self._pictures = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sample(
        self, indices: list[int], on_progress: Callable[[int, int], None] | None
    ) -> Iterator[CandidateFrame]:
        pictures = self._open_pictures()
        for done, index in enumerate(indices, 1):
            yield CandidateFrame(self._times_s[index], index, partial(_luma, pictures[index]))
            if on_progress is not None:
                on_progress(done, len(indices))

    @property
    def _ends_s(self) -> tuple[float, float]:
        """When the first picture is shown, and until when the last one is."""
        return self._times_s[0], self._times_s[0] + self.info.duration_s

    def _spread(self, num_candidates: int, start_s: float, end_s: float) -> list[int]:
        first, last = self._shown_at(start_s), self._shown_at(end_s)
        if last - first < num_candidates:
            return list(range(first, last + 1))
        if num_candidates == 1:
            return [first]
        step = (end_s - start_s) / (num_candidates - 1)
        targets = (start_s + i * step for i in range(num_candidates - 1))
        shown = {max(bisect_right(self._times_s, target) - 1, 0) for target in targets}
        return sorted(shown | {last})

    def _shown_at(self, time_s: float) -> int:
        return max(bisect_right(self._times_s, time_s + TIME_PRECISION_S) - 1, 0)

    def _open_pictures(self) -> list[Image.Image]:
        if self._pictures is None:
            raise VideoError(f"{_LABEL} was closed; open the source again")
        return self._pictures


def _checked_times(times_s: Sequence[float], num_images: int) -> list[float]:
    """Return the times as floats, if there is one for each image and they ascend."""
    times = [float(time_s) for time_s in times_s]
    if num_images == 0:
        raise UsageError("the sequence of images is empty; give at least one")
    if len(times) != num_images:
        raise UsageError(f"{num_images} images and {len(times)} times_s; give one time each")
    for index, time_s in enumerate(times):
        if not math.isfinite(time_s):
            raise UsageError(f"times_s[{index}] is {time_s}; give seconds")
        if index and time_s <= times[index - 1]:
            raise UsageError(
                f"times_s[{index}] is {time_s}, after {times[index - 1]}; times must ascend"
            )
    return times


def _decoded(image: object, index: int) -> Image.Image:
    """Return a picture as upright RGB; Pillow decodes a file no earlier than here.

    Raises
    ------
    UsageError
        It is no picture, or its pixels have more than 8 bits.
    VideoDecodeError
        It is damaged.
    """
    try:
        return as_rgb(image, index)
    except UsageError:
        raise
    except PICTURE_ERRORS as error:
        reason = " ".join(str(error).split())
        raise VideoDecodeError(
            f"picture {index} of {_LABEL} cannot be decoded ({reason}); leave it out"
        ) from error


def as_rgb(image: object, index: int) -> Image.Image:
    """Return a picture as upright RGB.

    Raises
    ------
    UsageError
        It is no picture, or its pixels have more than 8 bits.
    """
    if isinstance(image, Image.Image):
        if image.mode in _ALPHA_MODES:
            return on_white(ImageOps.exif_transpose(image))
        if image.mode in _OPAQUE_MODES:
            return ImageOps.exif_transpose(image).convert("RGB")
        raise UsageError(f"image {index} has mode {image.mode}; convert it to 8-bit RGB first")
    if not isinstance(image, np.ndarray):
        raise UsageError(
            f"image {index} is a {type(image).__name__}; give a PIL image or a uint8 array"
        )
    is_grey_or_rgb = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if image.dtype != np.uint8 or not is_grey_or_rgb or image.size == 0:
        raise UsageError(
            f"image {index} is {image.dtype} of shape {image.shape}; "
            "give uint8 of (rows, columns) or (rows, columns, 3)"
        )
    return Image.fromarray(image).convert("RGB")


def _mode(image: Picture) -> str:
    """Return the mode that PIL has, or would have, for a picture."""
    if isinstance(image, Image.Image):
        return image.mode
    return "L" if image.ndim == 2 else "RGB"


def _luma(picture: Image.Image) -> npt.NDArray[np.uint8]:
    return reduce_luma(picture.convert("L")).copy()


def _pixels(picture: Image.Image) -> bytes:
    return b"%dx%d;" % picture.size + picture.tobytes()
