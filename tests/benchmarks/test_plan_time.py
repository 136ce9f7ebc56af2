"""Ratios and the verdict on the bar."""

from __future__ import annotations

from benchmarks.plan_time import ClipTimes, PlanTimes, ratio_table, verdict


def times(clip: str, duration_s: float, total_s: list[float]) -> ClipTimes:
    analyze_s = [seconds / 2 for seconds in total_s]
    solve_s = [seconds / 4 for seconds in total_s]
    plan = PlanTimes(analyze_s=analyze_s, solve_s=solve_s, total_s=total_s)
    return ClipTimes(clip, duration_s, 10, [1.0, 9.0, 1.0], {"any": plan})


FAST = times("fast.mp4", 5.0, [1.9, 1.9, 8.0])
SLOW = times("slow.mp4", 5.0, [2.0, 2.0, 2.0])
LONG = times("long.mp4", 500.0, [50.0])


def test_medians_decide() -> None:
    assert (FAST.ratio("any"), SLOW.ratio("any")) == (1.9, 2.0)


def test_verdict_names_the_short_clips_that_miss() -> None:
    text = verdict([FAST, SLOW, LONG], "any")
    assert "1 of 2 short clips" in text
    assert "slow.mp4 (2.00)" in text
    assert "long.mp4" not in text
    assert "fast.mp4" not in text


def test_the_worst_comes_first_and_stages_add_up() -> None:
    rows = ratio_table([FAST, LONG, SLOW], "any").rows
    assert [row[0] for row in rows] == ["long.mp4", "slow.mp4", "fast.mp4"]
    assert [row[-1] for row in rows] == ["no", "no", "yes"]
    assert rows[1][3:8] == ["1.000 s", "1.000 s", "0.500 s", "0.500 s", "2.000 s"]
