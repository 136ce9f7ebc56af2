"""How time and memory grow with the candidates and with the budget."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.reports import Section, Table
from benchmarks.solve.growth_point import WALK, Point, empty_peak_mib, measure_point
from benchmarks.solve.instances import LEFT_OUT, images
from benchmarks.solve.progress import told
from benchmarks.solve.proofs import GAP
from benchmarks.solve.rivals import TIME_LIMIT_S
from benchmarks.solve.seen_clips import see

from budgetfit.errors import VideoError
from budgetfit.video.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Growth", "Sizes", "grow", "growth_section", "longest_clips"]

NUM_LONGEST = 2
ROOM = 3796
LIMITS = (8, None)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is varied.

    Attributes
    ----------
    num_candidates : tuple of int
        At a room of ``ROOM``, for each of ``LIMITS``.
    rooms : tuple of int
        With ``candidates_at_rooms`` candidates and any number of images.
    candidates_at_rooms : int
        See above.
    """

    num_candidates: tuple[int, ...]
    rooms: tuple[int, ...]
    candidates_at_rooms: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Points along both ways of growing.

    Attributes
    ----------
    by_candidates, by_room : tuple of Point
        What was measured.
    empty_mib : float
        Peak memory of a process that solves nothing.
    """

    by_candidates: tuple[Point, ...]
    by_room: tuple[Point, ...]
    empty_mib: float


def grow(sizes: Sizes) -> Growth:
    """Measure every size on the longest clips and on a random walk."""
    clips = longest_clips()
    for clip in clips:
        # Decoded here, so that the processes measured find it in the cache.
        for number in {*sizes.num_candidates, sizes.candidates_at_rooms}:
            see(clip, number)
    sources = [*map(str, clips), f"{WALK} 0"]
    candidates = [(s, n, ROOM, k) for s in sources for k in LIMITS for n in sizes.num_candidates]
    rooms = [(s, sizes.candidates_at_rooms, room, None) for s in sources for room in sizes.rooms]
    return Growth(
        by_candidates=tuple(measure_point(*size) for size in told("candidates", candidates)),
        by_room=tuple(measure_point(*size) for size in told("rooms", rooms)),
        empty_mib=empty_peak_mib(),
    )


def longest_clips() -> list[Path]:
    """Return the ``NUM_LONGEST`` clips that last longest, but for ``LEFT_OUT``."""
    duration_s: dict[Path, float] = {}
    for name, path in benchmark_clips().items():
        if name != LEFT_OUT:
            try:
                with open_source(path) as source:
                    duration_s[path] = source.info.duration_s
            except VideoError as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
    return sorted(duration_s, key=lambda path: -duration_s[path])[:NUM_LONGEST]


def growth_section(growth: Growth, plot: str) -> Section:
    """Return the report of ``growth``; ``plot`` is its picture's file name beside the page."""
    text = [
        f"The {NUM_LONGEST} longest clips and a made-up video, a random walk with cuts, which goes "
        "on where a clip has no more frames. Each point is one solve in a process of its own, to a "
        f"proved gap of {GAP:.1%} or {TIME_LIMIT_S:g} s. Memory is the peak of the whole process; "
        f"one that loads everything and solves nothing has {growth.empty_mib:.0f} MiB.",
        f"![Time and memory by candidates and by room]({plot})",
    ]
    tables = [
        _table(f"By candidates, room {ROOM}", growth.by_candidates),
        _table("By room, any number of images", growth.by_room),
    ]
    return Section("Growth", text, tables)


def _table(title: str, points: Sequence[Point]) -> Table:
    columns = ("from", "candidates", "room", "images", "time", "gap", "proved", "peak memory")
    rows = [
        [
            point.source,
            str(point.num_candidates),
            str(point.max_prompt_tokens),
            images(point.max_images),
            f"{point.time_s:.3f} s",
            f"{point.gap:.2%}",
            "yes" if point.proved else "NO",
            f"{point.peak_mib:.0f} MiB",
        ]
        for point in points
    ]
    return Table(title, columns, rows)
