"""What an explanation costs, and whether its prices agree with plans for moved limits.

``python -m benchmarks.explanations`` explains plans of every clip and writes
docs/measured/explanations.md.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit
from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit import VideoAnalysis
    from budgetfit.explain import Explanation, MovedLimit

__all__ = ["Explained", "cost_table", "explained", "price_table"]

_LIMITS = (2, 8, None)
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation of a plan of one clip.

    Attributes
    ----------
    clip : str
        File name.
    max_images : int or None
        The plan's limit.
    plan_s, explain_s : float
        CPU seconds of planning the analysed clip, and of explaining the plan.
    slacks : tuple of float
        For each moved limit that has a plan: what the price allows at most, less what the plan for
        the moved limit has; information, negative where the price is wrong.
    """

    clip: str
    max_images: int | None
    plan_s: float
    explain_s: float
    slacks: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Explaining over planning."""
        return self.explain_s / self.plan_s


def main() -> None:
    """Explain plans of every clip and write the page."""
    results: list[Explained] = []
    for name, path in benchmark_clips().items():
        try:
            analysis = budgetfit.analyze(path)
        except VideoError as error:
            print(f"{name}: {error}")
            continue
        results += [explained(name, analysis, limit) for limit in _LIMITS]
    slacks = [slack for result in results for slack in result.slacks]
    wrong = sum(slack < -_EPSILON for slack in slacks)
    text = (
        "Printed by `make bench-explanations`. A plan for 3796 prompt tokens, two moments asked "
        "about; CPU seconds of one process, in which the clip was looked at before.",
        f"{len(slacks)} limits were moved, by 100 tokens or one image, up and down, and each was "
        f"solved again: {wrong} of those plans show more than the price allows. The plans show "
        f"{median(slacks):.3%} of the video less than it allows (median), {max(slacks):.2%} at "
        "most.",
        setting(),
    )
    tables = [cost_table(results), price_table(results)]
    publish(MEASURED / "explanations.md", "Explanations", text, tables)


def explained(clip: str, analysis: VideoAnalysis, max_images: int | None) -> Explained:
    """Plan, ask about two moments, and measure."""
    began = time.process_time()
    plan = budgetfit.plan(analysis, max_images=max_images)
    planned = time.process_time()
    times_s = analysis.times_s
    explanation = plan.explain(why_not_s=[times_s[len(times_s) // 3], times_s[-1]])
    done = time.process_time()
    return Explained(
        clip, max_images, planned - began, done - planned, _slacks(plan.information, explanation)
    )


def _slacks(information: float, explanation: Explanation) -> tuple[float, ...]:
    moved: list[MovedLimit] = []
    for limit in (explanation.tokens, explanation.images):
        if limit is not None:
            moved += [limit.more, limit.less]
    return tuple(
        information + one.most_gain - one.rival.information
        for one in moved
        if one.rival is not None
    )


def cost_table(results: Sequence[Explained]) -> Table:
    """Return one row for each image limit."""
    rows = []
    for limit in _LIMITS:
        costs = [one for one in results if one.max_images == limit]
        rows.append(
            [
                "no limit" if limit is None else f"at most {limit} images",
                str(len(costs)),
                f"{median(one.explain_s for one in costs):.2f} s",
                f"{max(one.explain_s for one in costs):.2f} s",
                f"{median(one.ratio for one in costs):.0f}",
            ]
        )
    columns = ("plan", "clips", "median", "most", "times planning")
    return Table("What an explanation costs", columns, rows)


def price_table(results: Sequence[Explained]) -> Table:
    """Return one row for each clip: the least and the greatest slack of its prices."""
    rows = []
    for clip in dict.fromkeys(one.clip for one in results):
        slacks = [slack for one in results if one.clip == clip for slack in one.slacks]
        if slacks:
            rows.append(
                [clip, str(len(slacks)), f"{min(slacks):.3%}", f"{max(slacks):.3%}"],
            )
    columns = ("clip", "limits moved", "least", "greatest")
    return Table("What prices allow, less what plans for moved limits show", columns, rows)


if __name__ == "__main__":
    main()
