"""What an hour, and four, cost to plan in containers with an index and without one.

``python -m benchmarks.long_containers PATH WARM_UP`` prints one measurement as JSON; the tables are
part of ``python -m benchmarks.long_video``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.joined_clips import remux
from benchmarks.reports import Table

import budgetfit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CONTAINERS", "ContainerReading", "container_readings", "container_table"]

CONTAINERS: dict[str, tuple[str, dict[str, str]]] = {
    "MP4": ("mp4", {}),
    "MP4, fragmented": ("mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    "Matroska": ("matroska", {}),
    "Matroska without cues": ("matroska", {"live": "1"}),
    "MPEG-TS": ("mpegts", {}),
    "H.264 without a container": ("h264", {}),
}
"""Format and options of FFmpeg's muxer by what people call it."""

_NUM_RUNS = 3


@dataclass(frozen=True, slots=True)
class ContainerReading:
    """What planning a file cost a process that had planned another before.

    Attributes
    ----------
    seconds : float
        Without imports.
    read_mb : float
        Bytes that the process read from files, in 10**6, some more than once.
    peak_mb : float
        Largest resident memory in 10**6 bytes.
    file_mb : float
        Length of the file in 10**6 bytes.
    """

    seconds: float
    read_mb: float
    peak_mb: float
    file_mb: float


def container_readings(
    videos: Mapping[int, Path], warm_up: Path
) -> dict[tuple[str, int], ContainerReading]:
    """Plan each video in every container; of runs in turns, keep the fastest.

    Parameters
    ----------
    videos : mapping of int to path
        By their minutes.
    warm_up : path
        A short video that each process plans first, for its imports.
    """
    readings = {}
    for container, (name, options) in CONTAINERS.items():
        with tempfile.TemporaryDirectory(dir=warm_up.parent) as folder:
            files = {minutes: Path(folder, f"{minutes}.{name}") for minutes in videos}
            for minutes, video in videos.items():
                remux(video, files[minutes], name, options)
            runs = [
                {minutes: _measured(file, warm_up) for minutes, file in files.items()}
                for _ in range(_NUM_RUNS)
            ]
        for minutes in videos:
            fastest = min((run[minutes] for run in runs), key=lambda reading: reading.seconds)
            readings[container, minutes] = fastest
    return readings


def container_table(readings: Mapping[tuple[str, int], ContainerReading]) -> Table:
    """Return a row for each container and length; the last column compares with the shortest."""
    shortest = min(minutes for _, minutes in readings)
    rows = [
        [
            container,
            f"{minutes} min",
            f"{one.file_mb:.0f} MB",
            f"{one.read_mb:.0f} MB",
            f"{one.peak_mb:.0f} MB",
            f"{one.seconds:.1f} s",
            f"{one.seconds / readings[container, shortest].seconds:.2f}",
        ]
        for (container, minutes), one in readings.items()
    ]
    columns = ("container", "video", "length", "read", "memory", "time", f"/ {shortest} min")
    return Table("Containers with an index and without one", columns, rows)


def _measured(path: Path, warm_up: Path) -> ContainerReading:
    command = [sys.executable, "-m", "benchmarks.long_containers", str(path), str(warm_up)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return ContainerReading(**json.loads(done.stdout))


def _measured_here(path: Path, warm_up: Path) -> ContainerReading:
    from benchmarks.long_video import peak_mb

    budgetfit.plan(warm_up)
    read_before, began = _num_read(), time.perf_counter()
    budgetfit.plan(path)
    seconds = time.perf_counter() - began
    return ContainerReading(
        seconds, (_num_read() - read_before) / 1e6, peak_mb(), path.stat().st_size / 1e6
    )


def _num_read() -> int:
    """Return the bytes that this process read so far, as Linux counts them."""
    counts = Path("/proc/self/io").read_text(encoding="ascii")
    (line,) = (line for line in counts.splitlines() if line.startswith("rchar:"))
    return int(line.split()[1])


def main(paths: Sequence[str]) -> None:
    """Print one measurement as JSON."""
    path, warm_up = paths
    print(json.dumps(asdict(_measured_here(Path(path), Path(warm_up)))))


if __name__ == "__main__":
    main(sys.argv[1:])
