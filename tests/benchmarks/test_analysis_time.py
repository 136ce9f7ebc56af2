"""A clip's row says how many frames were looked at and how long that took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.analysis_time import (
    BAR,
    AnalysisTime,
    analysis_table,
    analysis_times,
    analysis_verdict,
)

from tests.video.clips import make_clip


def test_clips_that_can_be_read_have_a_row(tmp_path: Path) -> None:
    clip, broken = tmp_path / "clip.mp4", tmp_path / "broken.mp4"
    make_clip(clip, 20)
    broken.write_bytes(b"no video")
    (measured,) = analysis_times([clip, broken])
    assert (measured.clip, measured.num_first, measured.num_looks) == ("clip.mp4", 20, 20)
    assert 1 <= measured.num_candidates <= 20
    assert 0 < measured.decode_first_s <= measured.decode_s
    assert measured.ratio == measured.analyze_s / measured.decode_s
    assert measured.ratio_first == measured.analyze_s / measured.decode_first_s


def test_frames_of_later_looks_are_decoded_too(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    shots = [np.full((120, 160), level, np.uint8) for level in (20, 90, 160, 235)]
    shots = [np.where(np.arange(160) % (8 + 4 * i) < 4, 128, shot) for i, shot in enumerate(shots)]
    pictures = [shots[frame // 150].astype(np.uint8) for frame in range(600)]
    make_clip(clip, pictures, width=160, height=120, fps=10, gop=5)
    (measured,) = analysis_times([clip])
    assert measured.num_first == 33
    assert 33 < measured.num_looks <= 49


def test_the_bar_is_for_the_frames_of_all_looks() -> None:
    kept = AnalysisTime("quick.mp4", 33, 40, 30, decode_first_s=1, decode_s=2, analyze_s=2 * BAR)
    slow = replace(kept, clip="slow.mp4", analyze_s=2.02 * BAR)
    assert [row[0] for row in analysis_table([kept, slow]).rows] == ["slow.mp4", "quick.mp4"]
    assert analysis_table([kept]).rows[0][-2:] == ["3.00", "1.50"]
    assert "1 of 2. Missed by: slow.mp4 (1.5" in analysis_verdict([kept, slow])
    assert "1 of 1. Missed by none." in analysis_verdict([kept])
    assert "the first looks alone: 0 of 1." in analysis_verdict([kept])
