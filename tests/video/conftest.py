"""Clips and helpers that several of the video tests use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.video.clips import make_clip

_FOLDER = os.environ.get("BUDGETFIT_CLIPS")
REAL_CLIPS = (
    sorted(path for path in Path(_FOLDER).iterdir() if path.suffix != ".tsv") if _FOLDER else []
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``real_clip`` on every clip of the folder named by the environment."""
    if "real_clip" in metafunc.fixturenames:
        metafunc.parametrize("real_clip", REAL_CLIPS, ids=[path.name for path in REAL_CLIPS])


@pytest.fixture(scope="session")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 30 numbered pictures at 25 a second, H.264 with B-frames, a keyframe every 10."""
    path = tmp_path_factory.mktemp("clips") / "plain.mp4"
    make_clip(path, 30, gop=10, bframes=2)
    return path


@pytest.fixture(scope="session")
def single_keyframe_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 60 numbered pictures at 25 a second, H.264 with B-frames, one keyframe."""
    path = tmp_path_factory.mktemp("clips") / "single.mp4"
    make_clip(path, 60, bframes=3)
    return path
