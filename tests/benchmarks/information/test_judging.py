"""Judgements of a clip have the shapes that are promised, and are the same from the store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.information.judging import JudgedClip
from benchmarks.information.pictures import picture_at
from benchmarks.information.store import Store

pytestmark = pytest.mark.judge

TIMES_S = [0.5, 4.0, 9.5]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("judges") / "store.sqlite")


def test_values(
    package_clips: dict[str, Path], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JudgedClip(package_clips["bikes"], moments_s=TIMES_S, store=store) as clip:
        frames = clip.pts_at(TIMES_S[::-1])
        value = clip.value(frames, clip.levels[::4])
        assert value.shape == (3, 3, len(clip.levels[::4]))
        assert ((value >= 0) & (value <= 1)).all()
        # Each moment is explained best by its own frame, the better the larger it is.
        own = value[[0, 1, 2], [2, 1, 0]]
        assert (own >= value.max(axis=1) - 1e-6).all()
        assert (np.diff(own, axis=1) > 0).all()
        assert clip.weights.sum() == pytest.approx(1)
    with JudgedClip(package_clips["bikes"], moments_s=TIMES_S, store=store) as again:
        monkeypatch.delattr(JudgedClip, "_network")
        assert (again.value(frames, again.levels[::4]) == value).all()
        one = picture_at(frames[1], again.levels[4], again.profile)
        assert (again.explained([one])[:, 0] == value[:, 1, 1]).all()
        with pytest.raises(AttributeError):
            again.value(frames, again.levels[1:2])


def test_words(clips_dir: Path, store: Store) -> None:
    with JudgedClip(clips_dir / "text_editor_typing.mp4", moments_s=[30.0], store=store) as clip:
        (words,) = clip.words()
        assert len(words) > 10
        (read,) = clip.words_read(clip.moment_pts, [clip.levels[0], clip.levels[-1]])
        assert read.shape == (len(words), 1, 2)
        assert read[:, 0, 0].mean() < 0.5 < 0.9 < read[:, 0, 1].mean()
        assert clip.text_weights().tolist() == [1.0]
