"""Of shots the longest are kept, in time order; PySceneDetect finds a cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.information.rules.shots import longest_middles, shots


def test_longest_are_kept_in_time_order() -> None:
    found = [(0.0, 1.0), (1.0, 4.0), (4.0, 5.0), (5.0, 9.0)]
    assert longest_middles(found, 9) == [0.5, 2.5, 4.5, 7.0]
    assert longest_middles(found, 3) == [0.5, 2.5, 7.0]
    assert longest_middles(found, 1) == [7.0]


@pytest.mark.judge
def test_shots_cover_the_clip(package_clips: dict[str, Path]) -> None:
    found = shots(package_clips["bikes"], 10.0)
    assert len(found) > 2
    assert found[0][0] == 0
    assert found[-1][1] == pytest.approx(10.0, abs=0.1)
    assert all(end == begin for (_, end), (begin, _) in pairwise(found))


@pytest.mark.judge
def test_a_clip_without_cuts_is_one_shot(package_clips: dict[str, Path]) -> None:
    assert shots(package_clips["carphone_pristine"], 4.0) == [(0.0, 4.0)]
