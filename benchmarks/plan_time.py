"""How long planning takes beside decoding the whole clip once, in the same run.

``python -m benchmarks.plan_time``; the decode and the plans take turns, so that a machine that is
busy for a while slows both.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.full_decode import decode_all
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["ClipTimes", "PlanTimes", "measure", "ratio_table", "verdict"]

BAR = 2.0
"""Planning is to take less than this many times the decode of the whole clip."""

SHORT_S = 60.0
"""Up to this many seconds a clip counts as short."""

_NUM_RUNS = 3
_LONG_DECODE_S = 10.0
_PROMPT = "Describe the scene."
_STAGES = ("analyze", "solve", "rest", "plan in all")
_SETTINGS: dict[str, int | None] = {"no image limit": None, "max_images=2": 2}


@dataclass(frozen=True, slots=True)
class PlanTimes:
    """Seconds of some runs of one plan.

    Attributes
    ----------
    analyze_s, solve_s, total_s : list of float
        One per run; ``total_s`` is the whole call.
    """

    analyze_s: list[float] = field(default_factory=list)
    solve_s: list[float] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)

    @property
    def rest_s(self) -> list[float]:
        """What is neither analysis nor solving: the most of it encodes the finished request."""
        runs = zip(self.total_s, self.analyze_s, self.solve_s, strict=True)
        return [total - analyze - solve for total, analyze, solve in runs]


@dataclass(frozen=True, slots=True)
class ClipTimes:
    """Times of one clip.

    Attributes
    ----------
    clip : str
        File name.
    duration_s : float
        Length of the video.
    num_frames : int
        Frames that decoding all gave.
    decode_s : list of float
        One per run.
    plans : dict of str to PlanTimes
        By setting.
    """

    clip: str
    duration_s: float
    num_frames: int
    decode_s: list[float]
    plans: dict[str, PlanTimes]

    @property
    def is_short(self) -> bool:
        """Whether the bar is for this clip."""
        return self.duration_s <= SHORT_S

    def ratio(self, name: str) -> float:
        """Return the median plan's time over the median decode's."""
        return median(self.plans[name].total_s) / median(self.decode_s)


def measure(clip: Path) -> ClipTimes:
    """Time decoding ``clip`` and planning it, in turns.

    Raises
    ------
    VideoError
        The clip cannot be planned.
    """
    duration_s = 0.0
    num_frames = 0
    decode_s: list[float] = []
    plans = {name: PlanTimes() for name in _SETTINGS}
    while len(decode_s) < _NUM_RUNS:
        began = time.perf_counter()
        num_frames = decode_all(clip).num_frames
        decode_s.append(time.perf_counter() - began)
        for name, max_images in _SETTINGS.items():
            began = time.perf_counter()
            plan = budgetfit.plan(clip, _PROMPT, profile="pixtral-12b", max_images=max_images)
            plans[name].total_s.append(time.perf_counter() - began)
            plans[name].analyze_s.append(plan.timings_s["analyze"])
            plans[name].solve_s.append(plan.timings_s["solve"])
            duration_s = plan.video.duration_s
        if decode_s[0] > _LONG_DECODE_S:
            break
    return ClipTimes(clip.name, duration_s, num_frames, decode_s, plans)


def ratio_table(times: Sequence[ClipTimes], name: str) -> Table:
    """Return the table of one setting, the worst ratio first."""
    columns = ("clip", "length", "frames", "decode all", *_STAGES, "ratio", "under 2x")
    rows = []
    for clip in sorted(times, key=lambda t: -t.ratio(name)):
        plan = clip.plans[name]
        stages = (clip.decode_s, plan.analyze_s, plan.solve_s, plan.rest_s, plan.total_s)
        rows.append(
            [
                clip.clip,
                f"{clip.duration_s:.1f} s",
                str(clip.num_frames),
                *(f"{median(seconds):.3f} s" for seconds in stages),
                f"{clip.ratio(name):.2f}",
                "yes" if clip.ratio(name) < BAR else "no",
            ]
        )
    return Table(f"pixtral-12b, {name}", columns, rows)


def verdict(times: Sequence[ClipTimes], name: str) -> str:
    """Say plainly which short clips keep the bar and which miss it."""
    short = [clip for clip in times if clip.is_short]
    missed = [f"{c.clip} ({c.ratio(name):.2f})" for c in short if c.ratio(name) >= BAR]
    kept = len(short) - len(missed)
    misses = f"Missed by: {', '.join(missed)}." if missed else "Missed by none."
    return f"With {name}, {kept} of {len(short)} short clips stay under 2x. {misses}"


def main() -> None:
    """Measure every clip, print, and write docs/measured/plan_time.md."""
    where = setting()
    times: list[ClipTimes] = []
    unreadable: list[str] = []
    warmed_up = False
    for clip in benchmark_clips().values():
        try:
            if not warmed_up:
                budgetfit.plan(clip, _PROMPT)
                warmed_up = True
            times.append(measure(clip))
        except budgetfit.VideoError as error:
            unreadable.append(f"{clip.name} ({type(error).__name__})")
    text = [
        where,
        'The bar: "plan overhead stays under 2x that decode for short clips". The decode is every '
        "frame of the clip, once, with PyAV and all its threads, and nothing done with the frames. "
        "A plan is the whole call of `budgetfit.plan` in a warm process: opening, looking at "
        "frames (analyze), building, bounding and searching (solve), encoding the finished request "
        "with mistral-common (the most of the rest). Decode and plans take turns; medians of "
        f"{_NUM_RUNS} runs, 1 where the decode takes over {_LONG_DECODE_S:.0f} s. A clip of up to "
        f"{SHORT_S:.0f} s is short.",
        *(verdict(times, name) for name in _SETTINGS),
        f"Cannot be planned: {', '.join(unreadable) or 'none'}.",
    ]
    tables = [ratio_table(times, name) for name in _SETTINGS]
    publish(MEASURED / "plan_time.md", "Planning time against decoding", text, tables)


if __name__ == "__main__":
    main()
