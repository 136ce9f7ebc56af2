"""What a process of its own says of its time and memory is read back, and judged by the bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.long_containers import container_readings, container_table
from benchmarks.long_video import (
    BAR_GROWTH,
    BAR_MB,
    BAR_S,
    Reading,
    measure,
    peak_mb,
    verdict,
)

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


def test_missing_any_bar_is_said() -> None:
    kept = Reading(seconds=BAR_S / 2, peak_mb=BAR_MB / 2, found="")
    assert verdict(kept, BAR_GROWTH).count("kept") == 2
    for slow in (replace(kept, seconds=BAR_S), replace(kept, peak_mb=BAR_MB)):
        assert "are missed." in verdict(slow, BAR_GROWTH)
        assert verdict(slow, BAR_GROWTH).endswith("is kept.")
    assert verdict(kept, BAR_GROWTH + 0.01).endswith("is missed.")


def test_containers_are_measured_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = {1: tmp_path / "short.mp4", 2: tmp_path / "long.mp4"}
    make_clip(clips[1], 30)
    make_clip(clips[2], 60)
    monkeypatch.setattr("benchmarks.long_containers.CONTAINERS", {"MPEG-TS": ("mpegts", {})})
    monkeypatch.setattr("benchmarks.long_containers._NUM_RUNS", 1)
    readings = container_readings(clips, clips[1])
    assert [*readings] == [("MPEG-TS", 1), ("MPEG-TS", 2)]
    assert all(one.read_mb >= one.file_mb > 0 and one.seconds > 0 for one in readings.values())
    (first, _) = container_table(readings).rows
    assert (first[:2], first[-1]) == (["MPEG-TS", "1 min"], "1.00")
