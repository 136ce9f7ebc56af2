"""A clip whose every frame can be had: by time, and as pictures of any size."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Self

import av
import numpy as np

from budgetfit.video.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.information.pictures import Picture
    from PIL import Image

    from budgetfit.video.info import VideoInfo

__all__ = ["Footage"]

# Pictures that are decoded at once: what bounds the memory.
_MAX_DECODED = 64

# Times that are the same frame's to within rounding.
_PRECISION_S = 1e-6


class Footage:
    """An open clip.

    Parameters
    ----------
    path : Path
        A video file.

    Attributes
    ----------
    info : VideoInfo
        What the video is.

    Raises
    ------
    VideoError
        It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = open_source(path)
        self.info: VideoInfo = self._source.info

    def num_frames(self) -> int:
        """Return the packets of the video stream: there are no more frames than packets."""
        with av.open(str(self.path)) as container:
            return sum(1 for _ in container.demux(container.streams.video[0]) if _.size)

    def pts_at(self, times_s: Sequence[float]) -> tuple[int, ...]:
        """Return the timestamp of the frame shown at each of ``times_s``, seconds."""
        wanted = [float(time_s) for time_s in times_s]
        frames = list(self._source.at(wanted))
        begins = np.array([frame.time_s for frame in frames])
        shown = np.searchsorted(begins, np.array(wanted) + _PRECISION_S, side="right") - 1
        return tuple(frames[max(int(index), 0)].pts for index in shown)

    def candidate_pts(self, num_candidates: int) -> tuple[int, ...]:
        """Return the timestamps of the frames that a planner with so many candidates looks at."""
        return tuple(frame.pts for frame in self._source.sample(num_candidates))

    def first_pts(self, number: int) -> tuple[int, ...]:
        """Return the timestamps of the first ``number`` frames, or of all where there are fewer."""
        # Sampling is lazy: no more frames than these are decoded.
        first = islice(self._source.sample(max(self.num_frames(), 1)), number)
        return tuple(frame.pts for frame in first)

    def images(self, pictures: Sequence[Picture]) -> Iterator[tuple[Picture, Image.Image]]:
        """Yield each of ``pictures`` with its RGB pixels as a plan sends them, by rising pts."""
        ordered = sorted(pictures)
        for start in range(0, len(ordered), _MAX_DECODED):
            part = ordered[start : start + _MAX_DECODED]
            sizes = [(picture.width, picture.height) for picture in part]
            yield from zip(
                part, self._source.decode([picture.pts for picture in part], sizes), strict=True
            )

    def full_size(self, pts: Sequence[int]) -> list[Image.Image]:
        """Return frames at the size at which the clip is displayed, in the order asked."""
        size = (self.info.width, self.info.height)
        return self._source.decode(pts, [size] * len(pts))

    def close(self) -> None:
        """Close the clip."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
