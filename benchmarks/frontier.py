"""What a frontier costs beside planning anew for each of its points.

``python -m benchmarks.frontier``; takes the processor's time, which other work on the machine
changes less than the clock's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit
from budgetfit.explain.frontier import frontier
from budgetfit.explain.sweeping import sweep
from budgetfit.search_limits import SearchLimits
from budgetfit.solver import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budgetfit.explain.frontier import Frontier
    from budgetfit.plans import Plan
    from budgetfit.problem.problem import Problem

__all__ = ["FrontierTimes", "measure", "times_table", "verdict"]

_NUM_POINTS = 20
_SETTINGS: dict[str, int | None] = {
    "no image limit": None,
    "max_images=5": 5,
    "max_images=2": 2,
}
# Black from end to end: there is nothing to gain in any room.
_LEFT_OUT = "edge_6min_black_4k.mp4"


@dataclass(frozen=True, slots=True)
class FrontierTimes:
    """Processor seconds for the points of one frontier, each way.

    Attributes
    ----------
    clip : str
        File name.
    num_options : int
        Options of the problem: candidates times levels.
    num_points : int
        Rooms.
    alone_s, sweep_s : float
        Solving the problems one by one with ``solver.solve``, and together with ``sweep``.
    plans_s, frontier_s : float
        Calling ``budgetfit.plan`` on the analysis for each room, and ``frontier`` once.
    largest_gap : float
        The largest proved gap of the frontier's points.
    look_s : float
        Looking at the clip once: what every call of ``budgetfit.plan`` on the file does.
    """

    clip: str
    num_options: int
    num_points: int
    alone_s: float
    sweep_s: float
    plans_s: float
    frontier_s: float
    largest_gap: float
    look_s: float

    @property
    def files_s(self) -> float:
        """Calling ``budgetfit.plan`` on the file for each room: planning anew, and a look each."""
        return self.plans_s + self.num_points * self.look_s


def measure(
    name: str, seen: budgetfit.VideoAnalysis, max_images: int | None, look_s: float
) -> FrontierTimes:
    """Time the points of a frontier each way; the first frontier only warms up."""
    plan = budgetfit.plan(seen, max_images=max_images)
    points = frontier(plan, num_points=_NUM_POINTS).curves[0].points
    problems = [_problem(point.plan) for point in points]
    found: list[Frontier] = []
    return FrontierTimes(
        clip=name,
        num_options=problems[0].num_options,
        num_points=len(points),
        alone_s=_seconds(lambda: [solve(problem) for problem in problems]),
        sweep_s=_seconds(lambda: sweep(problems, SearchLimits())),
        plans_s=_seconds(
            lambda: [
                budgetfit.plan(
                    seen,
                    max_model_len=point.plan.limits.max_model_len,
                    max_images=max_images,
                )
                for point in points
            ]
        ),
        frontier_s=_seconds(lambda: found.append(frontier(plan, num_points=_NUM_POINTS))),
        largest_gap=max(point.gap for point in found[0].curves[0].points),
        look_s=look_s,
    )


def _problem(plan: Plan) -> Problem:
    if plan.made_from is None:
        raise ValueError("a plan of a frontier has what it was made from")
    return plan.made_from.posed.problem


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def times_table(times: Sequence[FrontierTimes], title: str) -> Table:
    """Return the table of one setting, the most options first."""
    columns = (
        "clip", "options", "points", "solved alone", "swept", "saved",
        "planned anew", "frontier", "saved", "largest gap",
    )  # fmt: skip
    rows = [
        [
            clip.clip,
            str(clip.num_options),
            str(clip.num_points),
            f"{clip.alone_s:.2f} s",
            f"{clip.sweep_s:.2f} s",
            _saved(clip.alone_s, clip.sweep_s),
            f"{clip.plans_s:.2f} s",
            f"{clip.frontier_s:.2f} s",
            _saved(clip.plans_s, clip.frontier_s),
            f"{clip.largest_gap:.2%}",
        ]
        for clip in sorted(times, key=lambda clip: -clip.num_options)
    ]
    return Table(title, columns, rows)


def verdict(times: Sequence[FrontierTimes], title: str) -> str:
    """Say plainly what is saved over all clips."""
    alone, swept = sum(clip.alone_s for clip in times), sum(clip.sweep_s for clip in times)
    anew, whole = sum(clip.plans_s for clip in times), sum(clip.frontier_s for clip in times)
    files = sum(clip.files_s for clip in times)
    looked = whole + sum(clip.look_s for clip in times)
    return (
        f"With {title}, over {len(times)} clips: solving takes {alone:.1f} s one by one and "
        f"{swept:.1f} s together ({_saved(alone, swept)} saved); planning anew takes {anew:.1f} s "
        f"and the frontiers take {whole:.1f} s ({_saved(anew, whole)} saved). Planning the files, "
        f"each call with its own look, takes {files:.0f} s, and the frontiers with one look a clip "
        f"{looked:.1f} s ({_saved(files, looked)} saved)."
    )


def _saved(before_s: float, after_s: float) -> str:
    return f"{1 - after_s / before_s:.0%}"


def main() -> None:
    """Measure every clip, print, and write docs/measured/frontier.md."""
    where = setting()
    times: dict[str, list[FrontierTimes]] = {name: [] for name in _SETTINGS}
    unreadable: list[str] = []
    for clip in benchmark_clips().values():
        if clip.name == _LEFT_OUT:
            continue
        began = time.process_time()
        try:
            seen = budgetfit.analyze(clip)
            seen.of_model(budgetfit.PROFILES["pixtral-12b"])
        except budgetfit.VideoError as error:
            unreadable.append(f"{clip.name} ({type(error).__name__})")
            continue
        look_s = time.process_time() - began
        for name, max_images in _SETTINGS.items():
            times[name].append(measure(clip.name, seen, max_images, look_s))
    text = [
        where,
        f"A frontier of {_NUM_POINTS} points from the cheapest request to where next to nothing "
        "more is gained, with the profile's own prompt, each point proved within 0.5% or what is "
        "proved in 2 s. Solved alone: `solver.solve` on each point's problem. Swept: all of them "
        "together, each from its neighbours. Planned anew: `budgetfit.plan` on the analysis, once "
        "for each point. Frontier: the whole call, in which every request is encoded by "
        "mistral-common as in every plan. Planning the files is reckoned: planning anew and one "
        "measured look for each point. Processor seconds, in a warm process.",
        *(verdict(found, name) for name, found in times.items()),
        f"Left out: {_LEFT_OUT}, in which there is nothing to see. Cannot be planned: "
        f"{', '.join(unreadable) or 'none'}.",
    ]
    tables = [times_table(found, f"pixtral-12b, {name}") for name, found in times.items()]
    publish(MEASURED / "frontier.md", "What a frontier costs", text, tables)


if __name__ == "__main__":
    main()
