"""A clip's row says how many frames were looked at and how long that took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.analysis_time import BAR, analysis_table, analysis_times, analysis_verdict

from tests.video.clips import make_clip


def test_clips_that_can_be_read_have_a_row(tmp_path: Path) -> None:
    clip, broken = tmp_path / "clip.mp4", tmp_path / "broken.mp4"
    make_clip(clip, 20)
    broken.write_bytes(b"no video")
    (measured,) = analysis_times([clip, broken])
    assert (measured.clip, measured.num_first, measured.num_looks) == ("clip.mp4", 20, 20)
    assert 1 <= measured.num_candidates <= 20
    assert measured.decode_s > 0
    assert measured.ratio == measured.analyze_s / measured.decode_s
    slow = replace(measured, clip="slow.mp4", analyze_s=measured.decode_s * BAR * 1.01)
    quick = replace(measured, clip="quick.mp4", analyze_s=measured.decode_s * BAR)
    assert [row[0] for row in analysis_table([quick, slow]).rows] == ["slow.mp4", "quick.mp4"]
    assert "1 of 2. Missed by: slow.mp4 (1.5" in analysis_verdict([quick, slow])
    assert "1 of 1. Missed by none." in analysis_verdict([quick])
