"""How long looking at a clip takes beside decoding the frames that are looked at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, cast

from benchmarks.reports import Table

from budgetfit.errors import VideoError
from budgetfit.profiles import get_profile
from budgetfit.video.container import MAX_SCANNED_BYTES
from budgetfit.video.decoding import FrameReader
from budgetfit.video.demuxing import Demuxer
from budgetfit.video.media import PathMedia
from budgetfit.video.probing import make_timeline
from budgetfit.video.sources import open_source
from budgetfit.video_analysis import Where, analyze_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from budgetfit.video.info import CandidateFrame
    from budgetfit.video.sources import VideoSource

__all__ = ["BAR", "AnalysisTime", "analysis_table", "analysis_times", "analysis_verdict"]

BAR = 1.5
"""Analysis is to take at most this many times the decoding of the frames that it looks at."""

_NUM_RUNS = 5
_PROFILE = get_profile("pixtral-12b")


@dataclass(frozen=True, slots=True)
class AnalysisTime:
    """Times of one clip, medians.

    Attributes
    ----------
    clip : str
        File name.
    num_first, num_looks, num_candidates : int
        Frames of the first look, of all looks, and those that stay.
    decode_first_s, decode_s : float
        Decoding the frames of the first look, and those of all looks: by the reader that analysis
        uses and through its seeks. Nothing is done with the frames, which are not kept.
    analyze_s : float
        The whole analysis, second looks included.
    """

    clip: str
    num_first: int
    num_looks: int
    num_candidates: int
    decode_first_s: float
    decode_s: float
    analyze_s: float

    @property
    def ratio(self) -> float:
        """Analysis over decoding the frames that it looks at: what the bar is for."""
        return self.analyze_s / self.decode_s

    @property
    def ratio_first(self) -> float:
        """Analysis over decoding the frames of the first look alone."""
        return self.analyze_s / self.decode_first_s


def analysis_times(clips: Iterable[Path]) -> list[AnalysisTime]:
    """Time every clip that can be read, in turns of decoding and analysing."""
    times = []
    for clip in clips:
        try:
            times.append(_analysis_time(clip))
        except VideoError:
            continue
    return times


class _Noted:
    """A source that notes which frames it gave in each pass over the video."""

    def __init__(self, source: VideoSource) -> None:
        self._source = source
        self.info = source.info
        self.warnings = source.warnings
        self.passes: list[list[int]] = []

    def sample(
        self, num_candidates: int, **where: float | Callable[[int, int], None] | None
    ) -> Iterator[CandidateFrame]:
        return self._noted(self._source.sample(num_candidates, **where))  # type: ignore[arg-type]

    def between(self, gaps_s: Sequence[tuple[float, float]]) -> Iterator[CandidateFrame]:
        return self._noted(self._source.between(gaps_s))

    def _noted(self, frames: Iterator[CandidateFrame]) -> Iterator[CandidateFrame]:
        pts: list[int] = []
        self.passes.append(pts)
        for frame in frames:
            pts.append(frame.pts)
            yield frame


def _analysis_time(clip: Path) -> AnalysisTime:
    decode_first_s: list[float] = []
    decode_s: list[float] = []
    analyze_s: list[float] = []
    with open_source(clip) as source:
        noted = _Noted(source)
        seen = analyze_source(cast("VideoSource", noted), clip, Where())
        demuxer = Demuxer(PathMedia(str(clip)), [])
        reader = FrameReader(demuxer, make_timeline(demuxer, MAX_SCANNED_BYTES))
        first, *later = noted.passes
        for _ in range(_NUM_RUNS):
            began = time.perf_counter()
            _decode(reader, [first])
            first_done = time.perf_counter()
            _decode(reader, later)
            decoded = time.perf_counter()
            analyze_source(source, clip, Where()).of_model(_PROFILE)
            analyze_s.append(time.perf_counter() - decoded)
            decode_first_s.append(first_done - began)
            decode_s.append(decoded - began)
        demuxer.close()
    return AnalysisTime(
        clip=clip.name,
        num_first=len(first),
        num_looks=sum(map(len, noted.passes)),
        num_candidates=len(seen.of_model(_PROFILE).pts),
        decode_first_s=median(decode_first_s),
        decode_s=median(decode_s),
        analyze_s=median(analyze_s),
    )


def _decode(reader: FrameReader, passes: Iterable[Sequence[int]]) -> None:
    """Decode the frames of each pass, and let go of them at once."""
    for pts in passes:
        for _ in reader.frames_at(pts):
            pass


def analysis_table(times: Sequence[AnalysisTime]) -> Table:
    """Return one row a clip, the worst ratio first."""
    columns = (
        "clip",
        "first looks",
        "all looks",
        "candidates",
        "decode first",
        "decode all",
        "analyze",
        "/ first",
        "/ all",
    )
    rows = [
        [
            one.clip,
            str(one.num_first),
            str(one.num_looks),
            str(one.num_candidates),
            f"{one.decode_first_s:.3f} s",
            f"{one.decode_s:.3f} s",
            f"{one.analyze_s:.3f} s",
            f"{one.ratio_first:.2f}",
            f"{one.ratio:.2f}",
        ]
        for one in sorted(times, key=lambda one: -one.ratio)
    ]
    return Table("Analysis beside decoding the frames that it looks at", columns, rows)


def analysis_verdict(times: Sequence[AnalysisTime]) -> str:
    """Say plainly which clips miss the bar."""
    missed = [f"{one.clip} ({one.ratio:.2f})" for one in times if one.ratio > BAR]
    kept = len(times) - len(missed)
    misses = f"Missed by: {', '.join(missed)}." if missed else "Missed by none."
    kept_by_first = sum(one.ratio_first <= BAR for one in times)
    return (
        f"Analysis within {BAR}x of decoding the frames that it looks at, first and second looks: "
        f"{kept} of {len(times)}. {misses} Decoding is by the reader that analysis uses, through "
        "the same seeks; the frames are neither kept nor turned into luma, which analysis does on "
        f"top. Within {BAR}x of decoding the first looks alone: {kept_by_first} of {len(times)}. "
        f"Times are medians of {_NUM_RUNS} turns."
    )
