"""Uniform frames are the middles of equal parts."""

from __future__ import annotations

import pytest
from benchmarks.information.rules.uniform import middles


def test_middles() -> None:
    assert middles(8.0, 1) == [4.0]
    assert middles(8.0, 4) == pytest.approx([1.0, 3.0, 5.0, 7.0])
