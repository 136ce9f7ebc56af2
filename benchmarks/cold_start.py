"""How long the command line takes from a cold process, and what it loads.

``python -m benchmarks.cold_start``; every run is a process of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import av
from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

from sample_clips import package_clips

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ImportTime", "cut_clip", "parse_import_times", "seconds_by_package"]

WHOLE_BAR_S = 4.0
LOADING_BAR_S = 2.0
HEAVY = ("cv2", "matplotlib", "ortools", "scipy", "torch", "transformers", "vllm")
"""Packages whose import is reported; OR-Tools must not be loaded for two pictures."""

_IMPORT_TIME = re.compile(r"import time:\s+(?P<self_us>\d+) \|\s+\d+ \|\s+(?P<module>\S+)")
_NUM_RUNS = 5
_NUM_COSTLIEST = 12
_CLIP_S = 5
_SHARED_CLIP = "robot_kitchen_sim.mp4"

# What planning two pictures needs besides the video: the imports of the path, and the tokenizer.
_LOADING = """
import budgetfit.cli, budgetfit.planner, budgetfit.plans, budgetfit.analysis, budgetfit.prompts
import budgetfit.video.sources, budgetfit.video.container, budgetfit.solver
import budgetfit.planning, budgetfit.video_analysis
import budgetfit.search.uniform, budgetfit.problem.building
from budgetfit.profiles import get_profile
from budgetfit.tokens.tokenizer import RequestTokenizer
RequestTokenizer(get_profile("pixtral-12b"))
"""


@dataclass(frozen=True, slots=True)
class ImportTime:
    """One line of ``python -X importtime``.

    Attributes
    ----------
    module : str
        Dotted name.
    self_s : float
        Seconds of its own, without what it imports.
    """

    module: str
    self_s: float


def parse_import_times(stderr: str) -> list[ImportTime]:
    """Return what ``python -X importtime`` wrote, leaving out other lines."""
    found = []
    for line in stderr.splitlines():
        match = _IMPORT_TIME.fullmatch(line)
        if match:
            found.append(ImportTime(match["module"], int(match["self_us"]) / 1e6))
    return found


def seconds_by_package(times: Iterable[ImportTime]) -> list[tuple[str, float]]:
    """Return the seconds of each top-level package, the costliest first."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for item in times:
        seconds[item.module.partition(".")[0]] += item.self_s
    return sorted(seconds.items(), key=lambda item: -item[1])


def cut_clip(source: Path, target: Path, duration_s: int) -> None:
    """Encode the first ``duration_s`` seconds of ``source`` again, as H.264 at its own size."""
    with av.open(str(source)) as reading, av.open(str(target), "w") as writing:
        stream = reading.streams.video[0]
        rate = Fraction(stream.average_rate or 25)
        encoded = writing.add_stream("libx264", rate=rate)
        encoded.width, encoded.height, encoded.pix_fmt = stream.width, stream.height, "yuv420p"
        for index, frame in enumerate(reading.decode(stream)):
            if index >= duration_s * rate:
                break
            frame.pts, frame.time_base = index, 1 / rate
            frame.pict_type = av.video.frame.PictureType.NONE
            writing.mux(encoded.encode(frame))
        writing.mux(encoded.encode(None))


def plan_command(clip: Path, plan_file: Path) -> list[str]:
    """Return the arguments of the measured command, after the interpreter."""
    options = ["--max-images", "2", "--json", str(plan_file)]
    return ["-m", "budgetfit", "plan", str(clip), *options]


def time_process(arguments: Sequence[str]) -> float:
    """Return the seconds that the interpreter takes with ``arguments``, start to end.

    Raises
    ------
    subprocess.CalledProcessError
        It failed.
    """
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return time.perf_counter() - began


def clip_row(clip: Path, plan_file: Path) -> tuple[list[str], float]:
    """Time the command on ``clip``; return its row and its median seconds."""
    whole_s = [time_process(plan_command(clip, plan_file)) for _ in range(_NUM_RUNS)]
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    size = f"{plan['video']['width']}x{plan['video']['height']}"
    stages = (plan["timings_s"][stage] for stage in ("import", "analyze", "solve", "total"))
    row = [
        clip.name,
        f"{size}, {plan['video']['duration_s']:.1f} s",
        f"{median(whole_s):.2f} s",
        f"{min(whole_s):.2f} to {max(whole_s):.2f} s",
        *(f"{seconds:.2f} s" for seconds in stages),
    ]
    return row, median(whole_s)


def import_times(clip: Path, plan_file: Path) -> list[ImportTime]:
    """Return what one cold run of the command imports."""
    arguments = ["-X", "importtime", *plan_command(clip, plan_file)]
    done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return parse_import_times(done.stderr)


def verdict(label: str, seconds: float, bar_s: float) -> str:
    """Say whether a bar is kept."""
    kept = "kept" if seconds < bar_s else "MISSED"
    return f"{label}: {seconds:.2f} s, bar {bar_s:.0f} s: {kept}."


def main() -> None:
    """Measure, print, and write docs/measured/cold_start.md."""
    where = setting()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, f"bigbuckbunny_{_CLIP_S}s.mp4")
        cut_clip(package_clips()["bigbuckbunny"], made, _CLIP_S)
        shared = benchmark_clips().get(_SHARED_CLIP)
        clips = [made] if shared is None else [shared, made]
        plan_file = Path(folder, "plan.json")
        measured = [clip_row(clip, plan_file) for clip in clips]
        loading_s = median(time_process(["-c", _LOADING]) for _ in range(_NUM_RUNS))
        imports = import_times(made, plan_file)
    packages = seconds_by_package(imports)
    loaded = {name for name, _ in packages}
    if "ortools" in loaded:
        raise RuntimeError("planning two pictures imported OR-Tools, which it does not need")
    text = [
        where,
        "The whole of `python -m budgetfit plan CLIP --max-images 2 --json FILE`, from the start "
        f"of the interpreter to its end; every run a new process, medians of {_NUM_RUNS}; import, "
        "analyze, solve and total are the last run's own. The tokenizer loads beside the analysis.",
        *(verdict(row[0], seconds, WHOLE_BAR_S) for row, seconds in measured),
        verdict(
            "Interpreter, imports and tokenizer alone, in processes of their own",
            loading_s,
            LOADING_BAR_S,
        ),
        f"Heavy packages imported: {', '.join(n for n in HEAVY if n in loaded) or 'none'}; "
        f"not imported: {', '.join(n for n in HEAVY if n not in loaded)}.",
    ]
    columns = ("clip", "video", "whole", "span", "import", "analyze", "solve", "total")
    costliest = [[name, f"{seconds * 1000:.0f} ms"] for name, seconds in packages[:_NUM_COSTLIEST]]
    tables = [
        Table("The whole command", columns, [row for row, _ in measured]),
        Table(
            "Costliest imports by package, as -X importtime counts (it slows them)",
            ("package", "own time"),
            costliest,
        ),
    ]
    publish(MEASURED / "cold_start.md", "From a cold process", text, tables)


if __name__ == "__main__":
    main()
