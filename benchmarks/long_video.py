"""How long planning takes, and how much memory, for videos of 1 minute to 4 hours.

``python -m benchmarks.long_video``; every measurement is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import av
from benchmarks.analysis_time import analysis_table, analysis_times, analysis_verdict
from benchmarks.clips import benchmark_clips
from benchmarks.information.rules.shots import shots
from benchmarks.joined_clips import FPS, SIZE, encode_part, join_parts
from benchmarks.long_containers import container_readings, container_table
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit

__all__ = ["READERS", "Reading", "made_videos", "measure", "peak_mb", "verdict"]

BAR_S = 15.0
"""A 60-minute video is to be planned in less."""

BAR_MB = 600.0
"""A 60-minute video is to be planned within so much resident memory."""

BAR_GROWTH = 1.5
"""Four hours are to be planned in at most so many times the time of one."""

MINUTES = (1, 10, 60, 240)

# Other readers take minutes for an hour.
_MOST_OF_OTHERS = 60

_CACHE = Path(__file__).resolve().parents[1] / ".cache" / "long_video"
_PART_S = 12.0
_QWEN_PATCH = 14
_ODD = "edge_"
_PROMPT = "Describe the scene."


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one video cost.

    Attributes
    ----------
    seconds : float
        The whole call, imports that it makes included.
    peak_mb : float
        Largest resident memory of the process in 10**6 bytes.
    found : str
        What came out.
    """

    seconds: float
    peak_mb: float
    found: str


def peak_mb() -> float:
    """Return the largest resident memory of this process so far, in 10**6 bytes.

    From Linux's VmHWM: getrusage's ru_maxrss also counts what the parent held when it forked.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def plan_video(path: Path) -> str:
    """Plan with all defaults."""
    plan = budgetfit.plan(path, _PROMPT)
    spent = plan.timings_s
    return (
        f"{len(plan.frames)} frames; analyze {spent['analyze']:.1f} s, solve {spent['solve']:.1f} s"
    )


def find_shots(path: Path) -> str:
    """Find shots with PySceneDetect's ContentDetector, which looks at every frame."""
    return f"{len(shots(path, 0.0))} shots"


def read_as_qwen(path: Path) -> str:
    """Read what qwen-vl-utils reads by default, as its documentation says, with PyAV.

    Its own readers either hold every frame of the video in memory or need packages beside it. So
    the video is decoded from front to end, and the frames that its ``smart_nframes`` asks for, two
    a second and at most 768 at equal distances, are resized as its ``smart_resize`` asks.
    """
    import numpy as np
    from qwen_vl_utils import vision_process as qwen

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        number = qwen.smart_nframes({}, stream.frames, FPS)
        wanted = set(np.linspace(0, stream.frames - 1, number).round().astype(int).tolist())
        patch = qwen.SPATIAL_MERGE_SIZE * _QWEN_PATCH
        least, most = (side * patch**2 for side in _qwen_tokens(number))
        height, width = qwen.smart_resize(SIZE[1], SIZE[0], patch, least, most)
        pictures = [
            frame.to_ndarray(format="rgb24", width=width, height=height)
            for index, frame in enumerate(container.decode(stream))
            if index in wanted
        ]
    return f"{len(pictures)} frames of {width}x{height}"


def _qwen_tokens(num_frames: int) -> tuple[float, float]:
    """Return the least and most tokens that it gives each of so many frames."""
    from qwen_vl_utils import vision_process as qwen

    share = qwen.MODEL_SEQ_LEN * 0.9 / num_frames * qwen.FRAME_FACTOR
    return qwen.VIDEO_MIN_TOKEN_NUM, max(
        min(qwen.VIDEO_MAX_TOKEN_NUM, share), qwen.VIDEO_MIN_TOKEN_NUM * 1.05
    )


READERS = {
    "budgetfit.plan": plan_video,
    "PySceneDetect, ContentDetector": find_shots,
    "qwen-vl-utils' frames, read with PyAV": read_as_qwen,
}


def measure(reader: str, path: Path) -> Reading:
    """Run one of ``READERS`` on ``path`` in a new process.

    Raises
    ------
    subprocess.CalledProcessError
        It failed; its own words are on stderr.
    """
    command = [sys.executable, "-m", "benchmarks.long_video", "--reader", reader, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return Reading(**json.loads(done.stdout))


def made_videos() -> dict[int, Path]:
    """Return the videos by their minutes; those that are not there yet are made.

    Clips named as edge cases are left out: they are there for being odd.
    """
    _CACHE.mkdir(parents=True, exist_ok=True)
    parts = []
    for clip in benchmark_clips().values():
        part = _CACHE / f"part_{clip.stem}.mp4"
        if clip.name.startswith(_ODD):
            continue
        if part.exists() or encode_part(clip, part, most_s=_PART_S):
            parts.append(part)
    videos = {minutes: _CACHE / f"{minutes}_minutes.mp4" for minutes in MINUTES}
    for minutes, video in videos.items():
        if not video.exists():
            join_parts(parts, video, 60.0 * minutes)
    return videos


def verdict(hour: Reading, growth: float) -> str:
    """Say plainly whether an hour keeps the bars, and four hours ``growth`` times its time."""
    kept = hour.seconds < BAR_S and hour.peak_mb < BAR_MB
    return (
        f"60 minutes are planned in {hour.seconds:.1f} s and {hour.peak_mb:.0f} MB; the bars, "
        f"{BAR_S:.0f} s and {BAR_MB:.0f} MB, are {'kept' if kept else 'missed'}. 240 minutes take "
        f"{growth:.2f} times the time of 60, without imports and of the fastest of several runs in "
        f"turns; the bar, {BAR_GROWTH}, is {'kept' if growth <= BAR_GROWTH else 'missed'}."
    )


def _read_here(reader: str, path: Path) -> Reading:
    began = time.perf_counter()
    found = READERS[reader](path)
    return Reading(time.perf_counter() - began, peak_mb(), found)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=READERS, help="print one measurement as JSON")
    parser.add_argument("video", nargs="?", type=Path)
    return parser.parse_args()


def main() -> None:
    """Measure every reader on every video, print, and write docs/measured/long_video.md."""
    arguments = _parsed()
    if arguments.reader:
        print(json.dumps(asdict(_read_here(arguments.reader, arguments.video))))
        return
    where = setting()
    videos = made_videos()
    readings = {
        (minutes, reader): measure(reader, video)
        for minutes, video in videos.items()
        for reader in READERS
        if reader == "budgetfit.plan" or minutes <= _MOST_OF_OTHERS
    }
    hours = {minutes: videos[minutes] for minutes in (60, 240)}
    in_containers = container_readings(hours, videos[1])
    rows = [
        [reader, f"{minutes} min", f"{r.seconds:.1f} s", f"{r.peak_mb:.0f} MB", r.found]
        for (minutes, reader), r in readings.items()
    ]
    text = [
        where,
        f"On {len(os.sched_getaffinity(0))} core(s). The videos are the benchmark's clips, up to "
        f"{_PART_S:.0f} s of each, shuffled and joined again and again: H.264, "
        f"{SIZE[0]}x{SIZE[1]}, {FPS} frames a second, up to 250 frames between keyframes. Every "
        "measurement is a new process; its time includes what it imports on the way, its memory is "
        "the largest resident set.",
        "PySceneDetect looks at every frame. qwen-vl-utils takes two frames a second, at most 768; "
        "its own readers hold the whole video in memory or need further packages, so its number of "
        "frames and their size are computed with its own functions and the frames read with PyAV "
        "from front to end.",
        "Without an index a container is read from front to end, though not decoded. What a "
        "process read of it counts bytes twice that were read twice; what FFmpeg skips is not "
        "read.",
        verdict(
            readings[60, "budgetfit.plan"],
            in_containers["MP4", 240].seconds / in_containers["MP4", 60].seconds,
        ),
    ]
    times = analysis_times([*benchmark_clips().values(), *videos.values()])
    text.append(analysis_verdict(times))
    columns = ("reader", "video", "time", "memory", "result")
    tables = [
        Table("Time and memory", columns, rows),
        container_table(in_containers),
        analysis_table(times),
    ]
    publish(MEASURED / "long_video.md", "Long videos", text, tables)


if __name__ == "__main__":
    main()
