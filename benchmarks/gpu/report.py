"""The page and the picture of a run on a GPU."""

from __future__ import annotations

import os
import statistics
import subprocess
from typing import TYPE_CHECKING

from benchmarks.gpu.throughput import CONCURRENCY, seconds_each
from benchmarks.reports import Table, publish
from benchmarks.setting import setting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.gpu.alone import AloneTimes
    from benchmarks.gpu.throughput import Throughput

__all__ = ["alone_table", "hardware", "throughput_table", "verdict", "write_report"]

_PLOT = "gpu.png"
_COLORS = ("#0072b2", "#56b4e9", "#d55e00", "#f0b08c")


def write_report(
    folder: Path,
    alone: Sequence[AloneTimes],
    before: Sequence[Throughput],
    in_front: Sequence[Throughput],
) -> None:
    """Print the page, and write it and its picture into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    _plot(alone, folder / _PLOT)
    publish(
        folder / "gpu.md",
        "Plans on a GPU",
        [
            f"{setting()} {hardware()}",
            "Pixtral-12B's shapes and tokenizer with random weights, so that every answer has all "
            "of its 300 tokens; prefix caching is off, since clips come again; "
            f"`OMP_NUM_THREADS` is {os.environ['OMP_NUM_THREADS']}. "
            f'`GPU_ARGS="--alone {len(alone)} --many {before[-1].num_requests}" make bench-gpu`.',
            verdict(alone, before, in_front),
            f"![Planning beside the engine's time for the same request]({_PLOT})",
        ],
        [alone_table(alone), throughput_table(before, in_front)],
    )


def hardware() -> str:
    """Return the GPU and vLLM's version in a sentence."""
    from vllm import __version__

    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return f"vLLM {__version__}, without a GPU."
    return f"vLLM {__version__} on {done.stdout.strip()}."


def verdict(
    alone: Sequence[AloneTimes], before: Sequence[Throughput], in_front: Sequence[Throughput]
) -> str:
    """Return what was found, in sentences."""
    equal = sum(times.planned == times.counted for times in alone)
    answers = [times.answer_s for times in alone]
    planning = [times.plan_s + times.pictures_s for times in alone]
    shares = " and ".join(
        f"{front.requests_per_s / alike.requests_per_s:.1%} over {front.num_requests}"
        for alike, front in zip(before, in_front, strict=True)
    )
    return (
        f"Planned and counted are equal in {equal} of {len(alone)} requests. Planning and reading "
        f"the pictures takes {statistics.median(planning):.2f} s (median) beside "
        f"{statistics.median(answers):.2f} s for the answer. With {CONCURRENCY} requests at once, "
        "planning in front of the engine gives, of the requests per second of plans made before, "
        f"with pictures in memory, {shares}: in these is, once in each run, the start of the "
        "processes that plan and of their first plans." + _lasting(before, in_front)
    )


def _lasting(before: Sequence[Throughput], in_front: Sequence[Throughput]) -> str:
    """Return what is left of the difference in a run that lasts, where sizes tell it."""
    each, each_in_front = seconds_each(before), seconds_each(in_front)
    if each is None or each_in_front is None:
        return ""
    return (
        f" What the longer run has more than the shorter is answered at {each / each_in_front:.1%}."
    )


def alone_table(alone: Sequence[AloneTimes]) -> Table:
    """Return a row for each request that was alone."""
    return Table(
        "One request at a time",
        (
            "request",
            "pictures",
            "planned tokens",
            "counted",
            "planning",
            "reading pictures",
            "first text",
            "answer",
        ),
        [
            (
                times.name,
                str(times.num_pictures),
                str(times.planned),
                str(times.counted),
                f"{times.plan_s:.2f} s",
                f"{times.pictures_s:.2f} s",
                f"{times.first_s:.2f} s",
                f"{times.answer_s:.2f} s",
            )
            for times in alone
        ],
    )


def throughput_table(before: Sequence[Throughput], in_front: Sequence[Throughput]) -> Table:
    """Return a row for each run over many requests."""
    named = [("plans made before", run) for run in before]
    named += [("planned in front", run) for run in in_front]
    return Table(
        f"{CONCURRENCY} requests at once",
        (
            "run",
            "requests",
            "time",
            "first answer after",
            "requests/s",
            "prompt tokens/s",
            "tokens generated/s",
            "cores of this process",
            "cores of planning",
        ),
        [
            (
                name,
                str(run.num_requests),
                f"{run.wall_s:.1f} s",
                f"{run.answered_s[0]:.1f} s",
                f"{run.requests_per_s:.2f}",
                f"{run.num_prompt_tokens / run.wall_s:,.0f}",
                f"{run.num_completion_tokens / run.wall_s:,.0f}",
                f"{run.cpu_s / run.wall_s:.1f}",
                f"{run.planning_cpu_s / run.wall_s:.1f}",
            )
            for name, run in named
        ],
    )


def _plot(alone: Sequence[AloneTimes], path: Path) -> None:
    """Draw a bar for each request: planning, pictures, the first text, the rest of the answer."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 0.32 * len(alone) + 1.4), layout="constrained")
    axes = figure.subplots()
    names = [times.name for times in alone]
    parts = {
        "planning": [times.plan_s for times in alone],
        "reading the pictures": [times.pictures_s for times in alone],
        "to the first text": [times.first_s for times in alone],
        "the rest of the answer": [times.answer_s - times.first_s for times in alone],
    }
    left = [0.0] * len(alone)
    for (label, widths), color in zip(parts.items(), _COLORS, strict=True):
        axes.barh(names, widths, left=left, label=label, color=color)
        left = [begin + width for begin, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_xlabel("seconds")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    figure.savefig(path, dpi=110)
