"""Every way of choosing keeps the limits, and none is above the ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.information.choices import Choices, look_at, selections
from benchmarks.information.deep_features import Strictness
from benchmarks.information.judging import JudgedClip
from benchmarks.information.leaderboard import BEST_UNIFORM, CEILING, judge
from benchmarks.information.limits import PROMPT_NUM_TOKENS, Limits
from benchmarks.information.pictures import Picture
from benchmarks.information.running import LeftOut, judge_file
from benchmarks.information.store import Store

from budgetfit.tokens.images import image_grid

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def clip(package_clips: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> JudgedClip:
    store = Store(tmp_path_factory.mktemp("judges") / "store.sqlite")
    return JudgedClip(package_clips["bikes"], store=store)


@pytest.fixture(scope="module")
def choices(clip: JudgedClip) -> Choices:
    return look_at(clip)


@pytest.mark.parametrize("limits", [Limits(800, 2), Limits(1200, 8), Limits(3796, None)])
def test_limits_are_kept(clip: JudgedClip, choices: Choices, limits: Limits) -> None:
    found = selections(clip, choices, limits)
    assert len(found.all()) >= 6
    for pictures in found.all():
        grids = [image_grid(p.width, p.height, clip.profile) for p in pictures]
        tokens = sum(grid.num_tokens for grid in grids) + PROMPT_NUM_TOKENS
        assert tokens <= limits.max_prompt_tokens
        assert limits.allow(len(pictures))
        assert len({picture.pts for picture in pictures}) == len(pictures)


def test_uniform_frames_are_middles(clip: JudgedClip, choices: Choices) -> None:
    first, second = clip.pts_at([2.5, 7.5])
    assert choices.uniform[2] == (first, second)
    assert choices.first_two == clip.footage.candidate_pts(250)[:2]


def test_no_way_is_above_the_ceiling(clip: JudgedClip, monkeypatch: pytest.MonkeyPatch) -> None:
    def explained(
        self: JudgedClip, pictures: Sequence[Picture], strictness: Strictness
    ) -> np.ndarray:
        """Random numbers in the place of a network: what is tested is what is made of them."""
        return np.random.default_rng(strictness).random((len(self.moments_s), len(pictures)))

    monkeypatch.setattr(JudgedClip, "explained", explained)
    monkeypatch.setattr(JudgedClip, "text_weights", lambda self: np.zeros(len(self.moments_s)))
    judged = judge(clip, quick=True)
    assert judged is not None
    assert len(judged.information) == 2
    assert judged.read == []
    assert [len(cells) for cells in judged.seen.values()] == [2, 2]
    for cell in [*judged.seen[Strictness.LENIENT], *judged.seen[Strictness.STRICT]]:
        assert cell.best_bound is not None
        uniform = [cell.scores[way] for way in cell.scores if way.startswith("uniform ")]
        assert cell.scores[BEST_UNIFORM] == max(uniform)
        assert max(cell.scores.values()) <= cell.scores[CEILING] + 1e-5
        assert cell.scores[CEILING] <= cell.best_bound


def test_what_cannot_be_judged_is_left_out(tmp_path: Path) -> None:
    unreadable = tmp_path / "clip.mp4"
    unreadable.write_bytes(b"no video")
    assert judge_file(unreadable, quick=True) == LeftOut("clip.mp4", "cannot be read: VideoError")
