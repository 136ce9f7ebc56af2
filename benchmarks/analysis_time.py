"""How long looking at a clip takes beside decoding the frames that are looked at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.reports import Table

from budgetfit.errors import VideoError
from budgetfit.profiles import get_profile
from budgetfit.video.sources import open_source
from budgetfit.video_analysis import Where, analyze_source, default_num_candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["BAR", "AnalysisTime", "analysis_table", "analysis_times", "analysis_verdict"]

BAR = 1.5
"""Analysis is to take at most this many times the decoding of the frames that it looks at."""

_NUM_RUNS = 3
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
    decode_s : float
        Decoding the frames of the first look to luma, and doing nothing with them.
    analyze_s : float
        The whole analysis, second looks included.
    """

    clip: str
    num_first: int
    num_looks: int
    num_candidates: int
    decode_s: float
    analyze_s: float

    @property
    def ratio(self) -> float:
        """Analysis over decoding."""
        return self.analyze_s / self.decode_s


def analysis_times(clips: Iterable[Path]) -> list[AnalysisTime]:
    """Time every clip that can be read, in turns of decoding and analysing."""
    times = []
    for clip in clips:
        try:
            times.append(_analysis_time(clip))
        except VideoError:
            continue
    return times


def _analysis_time(clip: Path) -> AnalysisTime:
    decode_s: list[float] = []
    analyze_s: list[float] = []
    with open_source(clip) as source:
        num_first = default_num_candidates(source.info.duration_s)
        for _ in range(_NUM_RUNS):
            began = time.perf_counter()
            num_decoded = sum(1 for _ in source.sample(num_first))
            decoded = time.perf_counter()
            seen = analyze_source(source, clip, Where())
            analysis = seen.of_model(_PROFILE)
            analyze_s.append(time.perf_counter() - decoded)
            decode_s.append(decoded - began)
    return AnalysisTime(
        clip=clip.name,
        num_first=num_decoded,
        num_looks=len(seen.times_s),
        num_candidates=len(analysis.pts),
        decode_s=median(decode_s),
        analyze_s=median(analyze_s),
    )


def analysis_table(times: Sequence[AnalysisTime]) -> Table:
    """Return one row a clip, the worst ratio first."""
    columns = ("clip", "first looks", "all looks", "candidates", "decode", "analyze", "ratio")
    rows = [
        [
            one.clip,
            str(one.num_first),
            str(one.num_looks),
            str(one.num_candidates),
            f"{one.decode_s:.3f} s",
            f"{one.analyze_s:.3f} s",
            f"{one.ratio:.2f}",
        ]
        for one in sorted(times, key=lambda one: -one.ratio)
    ]
    return Table("Analysis beside decoding the frames of the first look", columns, rows)


def analysis_verdict(times: Sequence[AnalysisTime]) -> str:
    """Say plainly which clips miss the bar."""
    missed = [f"{one.clip} ({one.ratio:.2f})" for one in times if one.ratio > BAR]
    kept = len(times) - len(missed)
    misses = f"Missed by: {', '.join(missed)}." if missed else "Missed by none."
    return f"Analysis within {BAR}x of decoding its first looks: {kept} of {len(times)}. {misses}"
