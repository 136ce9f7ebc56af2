"""What is saved is said as it was measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.frontier import FrontierTimes, measure, times_table, verdict

import budgetfit
from tests.video.clips import make_clip


def times(clip: str, num_options: int, alone_s: float, sweep_s: float) -> FrontierTimes:
    return FrontierTimes(clip, num_options, 20, alone_s, sweep_s, 4.0, 2.0, 0.005, 0.5)


def test_the_verdict_adds_up_all_clips() -> None:
    text = verdict([times("a", 10, 3.0, 1.0), times("b", 20, 1.0, 2.0)], "no image limit")
    assert "over 2 clips: solving takes 4.0 s one by one and 3.0 s together (25% saved)" in text
    assert "planning anew takes 8.0 s and the frontiers take 4.0 s (50% saved)" in text
    assert (
        "with its own look, takes 28 s, and the frontiers with one look a clip 5.0 s (82% saved)"
        in text
    )


def test_the_largest_problem_comes_first_and_losses_are_told() -> None:
    rows = times_table([times("a", 10, 3.0, 1.0), times("b", 20, 1.0, 2.0)], "any").rows
    assert [row[0] for row in rows] == ["b", "a"]
    assert [row[5] for row in rows] == ["-100%", "67%"]


def test_a_clip_is_measured_in_every_way(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make_clip(clip, 25, width=160, height=96)
    found = measure("clip.mp4", budgetfit.analyze(clip), 3, 0.25)
    assert min(found.alone_s, found.sweep_s, found.plans_s, found.frontier_s) > 0
    assert found.num_points > 10
    assert found.largest_gap <= 0.005
