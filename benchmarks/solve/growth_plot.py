"""The picture of how time and memory grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.solve.instances import images
from benchmarks.solve.rivals import TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.solve.growth import Growth
    from benchmarks.solve.growth_point import Point
    from matplotlib.axes import Axes

__all__ = ["plot_growth"]

_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
_DASHES = {None: "-", 8: "--"}


def plot_growth(growth: Growth, path: Path) -> None:
    """Draw time above memory, by candidates on the left and by room on the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8), layout="constrained")
    axes = figure.subplots(2, 2, sharex="col", sharey="row")
    for row, height in enumerate((_time_s, _peak_mib)):
        _draw(axes[row, 0], growth.by_candidates, _num_candidates, height)
        _draw(axes[row, 1], growth.by_room, _room, height)
    axes[0, 0].set_ylabel("solve, seconds")
    axes[1, 0].set_ylabel("peak memory of the process, MiB")
    axes[1, 0].set_xlabel("candidates")
    axes[1, 1].set_xlabel("room, tokens")
    for axis in axes[0]:
        axis.set_yscale("log")
        axis.axhline(TIME_LIMIT_S, color="0.6", linewidth=0.8)
    highest_mib = max(point.peak_mib for point in (*growth.by_candidates, *growth.by_room))
    for axis in axes[1]:
        axis.set_ylim(0, 1.1 * highest_mib)
        axis.axhline(growth.empty_mib, color="0.6", linewidth=0.8)
    axes[0, 0].set_title("a filled dot is a proof, a hollow one none in time")
    axes[0, 1].set_title("grey: the time limit; a process that solves nothing")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _draw(
    axis: Axes,
    points: Sequence[Point],
    across: Callable[[Point], float],
    height: Callable[[Point], float],
) -> None:
    sources = list(dict.fromkeys(point.source for point in points))
    for source, limit in dict.fromkeys((point.source, point.max_images) for point in points):
        line = [p for p in points if (p.source, p.max_images) == (source, limit)]
        color = _COLORS[sources.index(source) % len(_COLORS)]
        axis.plot(
            [across(p) for p in line],
            [height(p) for p in line],
            _DASHES[limit],
            color=color,
            label=f"{source}, {images(limit)}",
        )
        for point in line:
            face = color if point.proved else "white"
            axis.plot(across(point), height(point), "o", color=color, markerfacecolor=face)
    ticks = sorted({across(point) for point in points})
    axis.set_xscale("log", base=2)
    axis.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks], rotation=30)
    axis.minorticks_off()
    axis.grid(alpha=0.3)


def _time_s(point: Point) -> float:
    return point.time_s


def _peak_mib(point: Point) -> float:
    return point.peak_mib


def _num_candidates(point: Point) -> float:
    return point.num_candidates


def _room(point: Point) -> float:
    return point.max_prompt_tokens
