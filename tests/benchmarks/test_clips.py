"""Which clips are taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.clips import benchmark_clips


def test_the_named_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.mp4", "a.WEBM", "manifest.tsv"):
        (tmp_path / name).touch()
    monkeypatch.setenv("BUDGETFIT_CLIPS", str(tmp_path))
    assert benchmark_clips() == {"a.WEBM": tmp_path / "a.WEBM", "b.mp4": tmp_path / "b.mp4"}


def test_a_folder_without_clips_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUDGETFIT_CLIPS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="BUDGETFIT_CLIPS"):
        benchmark_clips()
