"""What a process of its own says of its time and memory is read back, and judged by the bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.long_video import BAR_MB, BAR_S, Reading, measure, peak_mb, verdict

from tests.video.clips import make_clip


def test_a_plan_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make_clip(clip, 30)
    held = bytearray(b"x" * 300_000_000)
    reading = measure("budgetfit.plan", clip)
    assert peak_mb() > len(held) / 1e6
    # The child does not inherit what this process holds.
    assert 20 < reading.peak_mb < len(held) / 1e6
    assert reading.seconds > 0
    assert "frames; analyze" in reading.found


def test_missing_either_bar_is_said() -> None:
    kept = Reading(seconds=BAR_S / 2, peak_mb=BAR_MB / 2, found="")
    assert verdict(kept).endswith("are kept.")
    assert verdict(replace(kept, seconds=BAR_S)).endswith("are missed.")
    assert verdict(replace(kept, peak_mb=BAR_MB)).endswith("are missed.")
