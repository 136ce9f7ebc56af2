"""On videos whose shots are known: changes are found, sharp frames stay, and no time is lost."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

import budgetfit
from budgetfit.looking import NUM_EVEN_TIMES, Looked, look_around
from budgetfit.video.sources import open_source
from tests.video.clips import make_clip

WIDTH, HEIGHT = 320, 192
FPS = 25

Picture = npt.NDArray[np.uint8]


def scene(seed: int) -> Picture:
    """Draw a scene with edges, shades and texture."""
    random = np.random.default_rng(seed)
    canvas = Image.fromarray(random.integers(60, 200, (6, 10), np.uint8))
    canvas = canvas.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    picture = np.asarray(canvas, dtype=np.float64)
    for _ in range(40):
        left, top = random.integers(0, WIDTH - 20), random.integers(0, HEIGHT - 20)
        width, height = random.integers(8, 60, 2)
        picture[top : top + height, left : left + width] += random.integers(-60, 60)
    picture += random.normal(0, 6, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


SCENES = [scene(seed) for seed in range(6)]


def blurred(picture: Picture, radius: float) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def faded(first: Picture, second: Picture, share: float) -> Picture:
    return np.asarray(share * first.astype(float) + (1 - share) * second, dtype=np.uint8)


def clip_of(path: Path, pictures: list[Picture], fps: int = FPS, gop: int | None = None) -> Path:
    make_clip(path, pictures, width=WIDTH, height=HEIGHT, fps=fps, gop=gop)
    return path


def looked(video: object, num_first: int, *, keep_all: bool = False) -> Looked:
    with open_source(video) as source:  # type: ignore[arg-type]
        looks = look_around(source, num_first, num_first // 2)
    return looks.candidates(keep_all=keep_all)


def sequence(shots: list[tuple[int, float]]) -> tuple[list[Picture], list[float]]:
    """Return the pictures and the times of shots of (scene, seconds), four pictures a second."""
    which = [index for index, length_s in shots for _ in range(max(1, round(4 * length_s)))]
    return [SCENES[index] for index in which], [i / 4 for i in range(len(which))]


@pytest.mark.parametrize("radius", [1.5, 3, 8])
@pytest.mark.parametrize("where", [16, 32, 48])
def test_a_blurred_frame_of_a_static_scene_is_not_chosen(
    tmp_path: Path, where: int, radius: float
) -> None:
    pictures = [SCENES[0]] * 65
    pictures[where] = blurred(SCENES[0], radius)
    clip = clip_of(tmp_path / "clip.mp4", pictures)
    assert any(
        sight.time_s == pytest.approx(where / FPS)
        for sight in looked(clip, 33, keep_all=True).candidates
    ), "the blurred frame is to be among those looked at"
    for max_images in (1, 4):
        plan = budgetfit.plan(clip, max_images=max_images)
        assert all(frame.time_s != pytest.approx(where / FPS) for frame in plan.frames)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 3), (4, 5)])
def test_no_frame_of_a_cross_fade_is_chosen(tmp_path: Path, first: int, second: int) -> None:
    shares = np.linspace(1, 0, 13)[1:-1]
    pictures = [
        *[SCENES[first]] * 40,
        *(faded(SCENES[first], SCENES[second], share) for share in shares),
        *[SCENES[second]] * 40,
    ]
    clip = clip_of(tmp_path / "clip.mp4", pictures)
    # Nine tenths of one scene are that scene for all that matters.
    begin_s, end_s = (40 + 1) / FPS, (40 + len(shares) - 2) / FPS
    for max_images in (1, 2, 4):
        plan = budgetfit.plan(clip, max_images=max_images)
        assert plan.frames
        assert not [f.time_s for f in plan.frames if begin_s < f.time_s < end_s]


def test_static_stretches_are_one_candidate_each_with_all_their_time() -> None:
    seen = looked(sequence([(0, 6.0), (1, 2.0), (2, 2.0)]), 41)
    assert len(seen.candidates) == 3
    assert seen.span_s == pytest.approx([6.0, 2.0, 2.0], abs=0.25)
    shares = np.bincount(seen.evenly) / NUM_EVEN_TIMES
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.03)


def test_all_frames_stay_where_they_are_asked_for() -> None:
    video = sequence([(0, 6.0), (1, 4.0)])
    seen = looked(video, 41, keep_all=True)
    assert len(seen.candidates) == 40
    assert sum(seen.span_s) == pytest.approx(10.0)


def test_looking_again_finds_a_shot_that_even_looks_miss(tmp_path: Path) -> None:
    which = [0] * 60 + [1] * 30 + [2] * 110
    pictures = [SCENES[index] for index in which]
    clip = clip_of(tmp_path / "clip.mp4", pictures, fps=10, gop=5)
    with open_source(clip) as source:
        first = [which[round(10 * frame.time_s)] for frame in source.sample(5)]
    assert set(first) == {0, 2}
    seen = looked(clip, 5)
    assert {which[round(10 * sight.time_s)] for sight in seen.candidates} == {0, 1, 2}
    assert seen.span_s[1] == pytest.approx(3.0, abs=2.5)


@st.composite
def shots(draw: st.DrawFn) -> list[tuple[int, float]]:
    lengths_s = draw(st.lists(st.floats(0.3, 12.0), min_size=1, max_size=8))
    first = draw(st.integers(0, 5))
    steps = draw(st.lists(st.integers(1, 5), min_size=len(lengths_s), max_size=len(lengths_s)))
    which = [(first + int(step)) % 6 for step in np.cumsum(steps)]
    return list(zip(which, lengths_s, strict=True))


@settings(deadline=None, max_examples=40)
@given(shots(), st.integers(1, 33))
def test_no_time_is_lost_and_few_frames_are_read(
    known: list[tuple[int, float]], num_first: int
) -> None:
    pictures, times_s = sequence(known)
    seen = looked((pictures, times_s), num_first)
    every = looked((pictures, times_s), num_first, keep_all=True)
    looks_s = [sight.time_s for sight in every.candidates]
    assert looks_s == sorted(set(looks_s))
    assert set(looks_s) <= set(times_s)
    assert len(looks_s) <= num_first + num_first // 2
    assert {sight.time_s for sight in seen.candidates} <= set(looks_s)
    assert sum(seen.span_s) == pytest.approx(sum(every.span_s))
    assert seen.evenly.shape == (NUM_EVEN_TIMES,)
    assert set(seen.evenly.tolist()) <= set(range(len(seen.candidates)))
    assert (np.diff(seen.evenly) >= 0).all()
    # Neighbours that stay show different scenes.
    assert all(
        pictures[before.pts] is not pictures[after.pts]
        for before, after in pairwise(seen.candidates)
    )
    again = looked((pictures, times_s), num_first)
    assert [sight.pts for sight in again.candidates] == [sight.pts for sight in seen.candidates]
