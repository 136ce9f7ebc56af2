"""What dividing tokens among videos gains over simple rules, and how long the division takes.

``python -m benchmarks.fleet`` plans all clips together for a few totals, beside an equal split and
two proportional ones, divides tokens among synthetic fleets of up to 100,000 videos, and writes
docs/measured/fleet.md.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit
from budgetfit.errors import InfeasibleError, VideoError
from budgetfit.fleet.choices import Choices
from budgetfit.fleet.jobs import FleetJob
from budgetfit.fleet.knapsack import best_split
from budgetfit.fleet.least import best_least
from budgetfit.fleet.solving import JobSolver, Setting
from budgetfit.search_limits import SearchLimits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit import VideoAnalysis

    Frontier = tuple[list[int], list[float]]

__all__ = ["divided_alone", "frontiers_like", "shares_of"]

_PROMPT = "Describe the scene."
_MAX_TOKENS = 300
# Prompt tokens for each video, on average.
_TOKENS_EACH = (120, 350, 1_200, 2_500)
_NUM_VIDEOS = (1_000, 100_000)
_SCALE = 2**30
_NUM_POINTS = 20


def main() -> None:
    """Plan, measure and write the page."""
    videos = list(_analyzed().values())
    tables = [
        Table(
            f"{len(videos)} clips together",
            (
                "tokens in all",
                "plan_many",
                "proved within",
                "equal",
                "by duration",
                "by need",
                "worst video: plan_many",
                "proved within",
                "equal",
                "100 tokens more",
                "seconds",
            ),
            [_clips_row(videos, each * len(videos)) for each in _TOKENS_EACH],
        ),
        Table(
            "Dividing among points that are there",
            (
                "videos",
                "points",
                "tokens in all",
                "total, s",
                "proved within",
                "100 tokens more",
                "worst, s",
            ),
            [_knapsack_row(_frontiers(videos), count) for count in _NUM_VIDEOS],
        ),
    ]
    text = (
        "Information summed over the videos, by the planner's own measure. `equal` gives every "
        "video as many tokens; `by duration` in proportion to its seconds; `by need` to the tokens "
        "that its own best plan within 3796 would have; each at least its cheapest request, and "
        "each planned as well as its share allows. `100 tokens more` is what they would add at the "
        "margin. `seconds` are those of `plan_many`, of videos that were looked at before, in one "
        "process. Printed by `make bench-fleet`.",
        "Synthetic fleets draw the clips' frontiers with replacement, each of 20 points, scaled by "
        "a random factor between 0.5 and 2 in tokens; 600 tokens a video.",
        setting(),
    )
    publish(MEASURED / "fleet.md", "Many videos, one number of tokens", text, tables)


def shares_of(total: int, amounts: Sequence[float], least: Sequence[int]) -> list[int]:
    """Return tokens in proportion to amounts, but at least so many; all of them together fit.

    What the least takes beyond its proportion, the others do without.
    """
    shares = np.array(least, dtype=np.int64)
    open_ones = np.ones(len(amounts), dtype=bool)
    weights = np.array(amounts, dtype=np.float64)
    while open_ones.any():
        left = total - int(shares[~open_ones].sum())
        wanted = np.floor(left * weights / max(weights[open_ones].sum(), 1e-12)).astype(np.int64)
        short = open_ones & (wanted < shares)
        if not short.any():
            shares[open_ones] = wanted[open_ones]
            break
        open_ones &= ~short
    return [int(share) for share in shares]


def divided_alone(videos: Sequence[VideoAnalysis], shares: Sequence[int]) -> list[float]:
    """Return the information of each video's best plan within its share; 0 where nothing fits."""
    found = []
    for video, share in zip(videos, shares, strict=True):
        # More than the profile's own limit is of no use to any, as for plan_many.
        room = min(share, 4096 - _MAX_TOKENS)
        try:
            plan = budgetfit.plan(video, _PROMPT, max_model_len=room + _MAX_TOKENS)
        except InfeasibleError:
            found.append(0.0)
        else:
            found.append(plan.information)
    return found


def frontiers_like(frontiers: Sequence[Frontier], count: int, seed: int = 0) -> Choices:
    """Return the points of ``count`` videos drawn from frontiers, each stretched in tokens."""
    rng = np.random.default_rng(seed)
    tokens = np.array([tokens for tokens, _ in frontiers])
    values = np.array([values for _, values in frontiers])
    drawn = rng.integers(len(frontiers), size=count)
    stretched = tokens[drawn] * rng.uniform(0.5, 2.0, count)[:, None]
    return Choices(
        stretched.astype(np.int64).ravel(),
        np.floor(values[drawn] * _SCALE).astype(np.int64).ravel(),
        np.arange(count) * tokens.shape[1],
    )


def _analyzed() -> dict[str, VideoAnalysis]:
    seen = {}
    for name, path in benchmark_clips().items():
        try:
            seen[name] = budgetfit.analyze(path)
        except VideoError as error:
            print(f"{name}: {error}")
    return seen


def _clips_row(videos: Sequence[VideoAnalysis], total: int) -> tuple[str, ...]:
    jobs = [(video, _PROMPT) for video in videos]
    began = time.perf_counter()
    fleet = budgetfit.plan_many(jobs, total_tokens=total)
    seconds = time.perf_counter() - began
    worst = budgetfit.plan_many(jobs, total_tokens=total, objective="worst")
    solver = JobSolver(Setting(total, SearchLimits()))
    least = [
        solver.look(index, FleetJob(video, _PROMPT)).least for index, video in enumerate(videos)
    ]
    needs = [budgetfit.plan(video, _PROMPT).num_tokens for video in videos]
    splits: list[list[float]] = [
        [1.0] * len(videos),
        [video.info.duration_s for video in videos],
        [*needs],
    ]
    found = [divided_alone(videos, shares_of(total, amounts, least)) for amounts in splits]
    sums = [f"{sum(one):.3f}" for one in found]
    return (
        f"{total:,}",
        f"{fleet.information:.3f}",
        f"{fleet.gap:.2%}",
        *sums,
        f"{worst.information:.3f}",
        f"{worst.gap:.2%}",
        f"{min(found[0]):.3f}",
        f"{fleet.price:.4f}",
        f"{seconds:.1f}",
    )


def _frontiers(videos: Sequence[VideoAnalysis]) -> list[Frontier]:
    solver = JobSolver(Setting(10**6, SearchLimits()))
    frontiers = []
    for index, video in enumerate(videos):
        job = FleetJob(video, _PROMPT)
        curve = solver.look(index, job)
        rooms = np.geomspace(curve.least, curve.most, _NUM_POINTS).astype(int).tolist()
        known = {one.room for one in curve.solved}
        curve = solver.look_again(index, job, curve, sorted(set(rooms) - known))
        points = list(zip(curve.num_tokens, curve.reached.tolist(), strict=True))[:_NUM_POINTS]
        points += points[-1:] * (_NUM_POINTS - len(points))
        frontiers.append(([t for t, _ in points], [v for _, v in points]))
    return frontiers


def _knapsack_row(frontiers: Sequence[Frontier], count: int) -> tuple[str, ...]:
    choices, total = frontiers_like(frontiers, count), 600 * count
    began = time.perf_counter()
    split = best_split(choices, total)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    best_least(choices, total)
    worst_seconds = time.perf_counter() - began
    gap = (split.bound - split.value) / split.bound
    return (
        f"{count:,}",
        f"{len(choices.value):,}",
        f"{total:,}",
        f"{seconds:.2f}",
        f"{gap:.1e}" if gap else "0",
        f"{100 * split.price / _SCALE:.4f}",
        f"{worst_seconds:.2f}",
    )


if __name__ == "__main__":
    main()
