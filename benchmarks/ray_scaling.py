"""How many videos a second a Ray cluster plans, beside one process, and whether plans are the same.

``python -m benchmarks.ray_scaling`` plans all clips, some times over, in this process, on one local
node of one and of two CPUs, and on three nodes of one CPU, and writes docs/measured/ray.md.
``--times`` tells how often each clip is planned.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

from budgetfit.ray_data import PlanStage
from local_ray import local_ray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = dict[str, Any]

__all__ = ["Run", "num_equal", "scaling_row"]

_PROMPT = "Describe the scene."
_TIMES = 2
_CLUSTERS = {"one node": (1,), "one node of 2 CPUs": (2,), "three nodes": (1, 1, 1)}


@dataclass(frozen=True, slots=True)
class Run:
    """The same videos planned twice in one place.

    Attributes
    ----------
    where : str
        One process, or which nodes.
    num_cpus : int
        CPUs that Ray counts; 1 for a process.
    first_s, again_s : float
        Seconds for all videos, with the start of Ray's processes and once they run; of one process,
        before and after what was measured on nodes.
    num_equal : int
        Rows that are equal to those of one process.
    """

    where: str
    num_cpus: int
    first_s: float
    again_s: float
    num_equal: int


def main() -> None:
    """Plan, measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=_TIMES, help="plans of each clip")
    times = parser.parse_args().times
    stage = PlanStage(_PROMPT)
    # Clips that cannot be planned are left out: their rows cost next to nothing.
    paths = [str(path) for path in benchmark_clips().values()]
    clips = [path for path in paths if not stage({"path": path})["error"]]
    videos = [{"path": path, "copy": copy} for copy in range(times) for path in clips]
    expected, before_s = _in_this_process(stage, videos)
    on_nodes = [
        _on_nodes(where, num_cpus, stage, videos, expected) for where, num_cpus in _CLUSTERS.items()
    ]
    again, after_s = _in_this_process(stage, videos)
    alone = Run("one process", 1, before_s, after_s, num_equal(again, expected))
    runs = [alone, *on_nodes]
    table = Table(
        f"{len(clips)} clips, {times} rows of each",
        (
            "where",
            "CPUs of Ray's",
            "videos/s, processes started",
            "videos/s",
            "beside one process",
            "beside one node",
            "rows equal",
        ),
        [scaling_row(run, len(videos), alone, on_nodes[0]) for run in runs],
    )
    publish(MEASURED / "ray.md", "Planning on a Ray cluster", _text(), [table])
    if any(run.num_equal < len(videos) for run in runs):
        sys.exit("rows differ from those of one process")


def num_equal(rows: Iterable[Row], expected: Sequence[Row]) -> int:
    """Return how many rows are there as expected, in any order, each counted once."""
    waiting = list(expected)
    for row in rows:
        if row in waiting:
            waiting.remove(row)
    return len(expected) - len(waiting)


def scaling_row(run: Run, num_videos: int, alone: Run, one_node: Run) -> tuple[str, ...]:
    """Return the cells of a run: its rates, and the second of them beside two others'."""
    return (
        run.where,
        str(run.num_cpus) if run is not alone else "",
        f"{num_videos / run.first_s:.2f}",
        f"{num_videos / run.again_s:.2f}",
        f"{alone.again_s / run.again_s:.2f}x",
        f"{one_node.again_s / run.again_s:.2f}x",
        f"{run.num_equal} of {num_videos}",
    )


def _in_this_process(stage: PlanStage, videos: Sequence[Row]) -> tuple[list[Row], float]:
    began = time.perf_counter()
    rows = [stage(video) for video in videos]
    return rows, time.perf_counter() - began


def _on_nodes(
    where: str,
    num_cpus: Sequence[int],
    stage: PlanStage,
    videos: Sequence[Row],
    expected: Sequence[Row],
) -> Run:
    import ray.data

    seconds = []
    with local_ray(num_cpus):
        for _ in range(2):
            rows = ray.data.from_items(list(videos), override_num_blocks=len(videos))
            began = time.perf_counter()
            planned = rows.map(stage).materialize()
            seconds.append(time.perf_counter() - began)
        equal = num_equal(planned.take_all(), expected)
    first_s, again_s = seconds
    return Run(where, sum(num_cpus), first_s, again_s, equal)


def _text() -> tuple[str, ...]:
    return (
        "`PlanStage` with its defaults, by `Dataset.map`, a block for each video, read where it is "
        "planned; in one process the same function in a loop. A rate is that of all videos, the "
        "rows with their PNG pictures included, first with the start of Ray's processes and of "
        "the imports in them, then once they run; of one process before and after all that, which "
        "tells how much else the machine did. Rows are compared whole: plan, token ids and "
        f"pictures. The nodes are local: they share this machine's {os.cpu_count()} cores, beyond "
        "which more of them cannot be faster. CPUs are what Ray counts, to which nothing is "
        "pinned: FFmpeg decodes with threads of its own, so that one process already uses more "
        "than one core while it reads a video. Printed by `make bench-ray`.",
        f"{setting()} Ray {version('ray')}.",
    )


if __name__ == "__main__":
    main()
