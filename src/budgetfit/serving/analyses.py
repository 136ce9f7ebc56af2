"""Videos that were looked at, kept for the requests that follow."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.video.sources import open_source
from budgetfit.video_analysis import Where, analyze_source

if TYPE_CHECKING:
    from budgetfit.serving.settings import PlanningSettings
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["AnalysisCache"]


class AnalysisCache:
    """What was seen of videos, by their content, up to a number of bytes.

    Parameters
    ----------
    settings : PlanningSettings
        What a video may be, and how much is kept.
    """

    def __init__(self, settings: PlanningSettings) -> None:
        self._settings = settings
        self._kept: OrderedDict[bytes, tuple[VideoAnalysis, int]] = OrderedDict()
        self._num_bytes = 0

    @property
    def num_bytes(self) -> int:
        """Bytes of the videos kept and of what was seen of them."""
        return self._num_bytes

    def analysis_of(self, content: bytes) -> VideoAnalysis:
        """Return what is seen of a video; the least recently asked for are forgotten first.

        Raises
        ------
        UsageError
            The video is too long or its frames too large.
        VideoError
            It cannot be read.
        """
        key = hashlib.sha256(content).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        seen = self._look(content)
        # Before it is asked anything, what it will remember of similarities is not there yet.
        num_bytes = len(content) + 2 * len(pickle.dumps(seen.looks.sights))
        if num_bytes <= self._settings.cache_bytes:
            self._kept[key] = seen, num_bytes
            self._num_bytes += num_bytes
        while self._num_bytes > self._settings.cache_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._num_bytes -= freed
        return seen

    def _look(self, content: bytes) -> VideoAnalysis:
        with open_source(content) as source:
            info, limits = source.info, self._settings
            if info.width * info.height > limits.max_pixels:
                raise UsageError(
                    f"the video has {info.width}x{info.height} pixels a frame, more than the "
                    f"{limits.max_pixels} that the proxy takes; send it smaller"
                )
            if info.duration_s > limits.max_video_s:
                raise UsageError(
                    f"the video lasts {info.duration_s:.0f} s, longer than the "
                    f"{limits.max_video_s:g} s that the proxy takes; send a part of it"
                )
            return analyze_source(source, content, Where())
