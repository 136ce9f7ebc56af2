"""Instances come from every readable clip, once, and from the cache the second time."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from benchmarks.solve import seen_clips
from benchmarks.solve.instances import IMAGE_LIMITS, LEFT_OUT, ROOMS, instances
from benchmarks.solve.seen_clips import see
from PIL import Image

from budgetfit.errors import VideoError

NUM_FRAMES = 5


@pytest.fixture
def gif(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    pictures = [
        Image.fromarray(rng.integers(0, 256, (64, 96, 3), dtype=np.uint8))
        for _ in range(NUM_FRAMES)
    ]
    folder = tmp_path / "clips"
    folder.mkdir()
    pictures[0].save(folder / "a.gif", save_all=True, append_images=pictures[1:], duration=200)
    return folder / "a.gif"


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_clips, "CACHE", tmp_path / "cache")


def test_the_second_look_decodes_nothing(
    gif: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = see(gif, 3, tmp_path / "cache")
    monkeypatch.delattr(seen_clips, "analyze")
    again = see(gif, 3, tmp_path / "cache")
    assert (first.level_num_tokens == again.level_num_tokens).all()
    assert len(first.aspects) == len(again.aspects)
    for one, other in zip(first.aspects, again.aspects, strict=True):
        assert one.name == other.name
        for field in ("similarity", "fidelity", "weights"):
            assert (getattr(one, field) == getattr(other, field)).all()
    with pytest.raises(NameError):
        see(gif, 4, tmp_path / "cache")


def test_other_code_looks_again(gif: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    see(gif, 3, tmp_path / "cache")
    monkeypatch.setattr(seen_clips, "source_digest", lambda: "other")
    see(gif, 3, tmp_path / "cache")
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 2


@pytest.mark.usefixtures("_own_cache")
def test_every_clip_at_every_size_once(gif: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(gif, gif.with_name(LEFT_OUT))
    gif.with_name("broken.mp4").write_bytes(b"no video at all")
    monkeypatch.setenv("BUDGETFIT_CLIPS", str(gif.parent))
    found = instances((3, 8, 16))
    assert found.clips == ("a.gif",)
    assert [text.split()[0] for text in found.unreadable] == ["broken.mp4"]
    per_size = len(ROOMS) * len(IMAGE_LIMITS)
    counts = [instance.shares.num_candidates for instance in found.found]
    assert counts == [3] * per_size + [NUM_FRAMES] * per_size
    assert len({instance.name for instance in found.found}) == len(found.found)
    for instance in found.found:
        problem = instance.problem()
        assert problem.max_prompt_tokens == instance.max_prompt_tokens
        assert problem.max_images == instance.max_images


def test_what_is_no_video_is_an_error(gif: Path, tmp_path: Path) -> None:
    gif.write_bytes(b"no video at all")
    with pytest.raises(VideoError):
        see(gif, 3, tmp_path / "cache")
