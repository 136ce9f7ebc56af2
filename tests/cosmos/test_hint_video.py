"""Hint videos are read by the stock upsampler as they were planned, pixel for pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import Exclude
from budgetfit.cosmos import HintVideo, hint_video
from budgetfit.errors import InfeasibleError, UsageError, VideoDecodeError
from tests.cosmos.stock_reading import count_tokens, first_frames
from tests.looked import looked_at
from tests.video.clips import make_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    make_clip(path, 25, width=320, height=192)
    return path


def check_stock_reading(made: HintVideo) -> None:
    """The stock upsampler reads two frames, those of the plan, and sends as many tokens."""
    frames = first_frames(made.path, count=3)
    planned = made.plan.images()
    planned += planned * (2 - len(planned))
    assert len(frames) == 2
    for frame, image in zip(frames, planned, strict=True):
        assert np.array_equal(frame[:, :, ::-1], np.asarray(image))
    counted = count_tokens(made.path, made.plan.prompt.text)
    assert counted == made.num_tokens <= made.plan.limits.max_prompt_tokens


def test_the_stock_upsampler_reads_what_was_planned(clip: Path, tmp_path: Path) -> None:
    made = hint_video(clip, tmp_path / "hint.mp4")
    check_stock_reading(made)
    assert made.plan.profile == "cosmos-transfer1"
    assert len(made.plan.frames) == 2
    assert len({(frame.width, frame.height) for frame in made.plan.frames}) == 1
    assert made.num_tokens == made.plan.num_tokens
    # No other pair of one size shows more: the two frames are those of the whole plan's search.
    assert made.plan.status == "OPTIMAL"


def test_every_clip(clips_dir: Path, tmp_path: Path) -> None:
    checked = 0
    for path in sorted(clips_dir.iterdir()):
        if path.suffix not in {".mp4", ".webm", ".gif"}:
            continue
        try:
            made = hint_video(looked_at(path), tmp_path / f"{path.stem}.mp4")
        except VideoDecodeError:
            assert path.name == "edge_no_decodable_frame.webm"
            continue
        check_stock_reading(made)
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("prompt", [None, "", "A robot arm. " * 400])
def test_the_prompt_counts(clip: Path, tmp_path: Path, prompt: str | None) -> None:
    made = hint_video(clip, tmp_path / "hint.mp4", prompt)
    check_stock_reading(made)


def test_a_single_frame_is_shown_twice_and_counted_twice(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    make_clip(path, 1, width=1280, height=704)
    made = hint_video(path, tmp_path / "hint.mp4", "Describe it. " * 300)
    check_stock_reading(made)
    (picture,) = made.plan.pictures
    assert made.num_tokens == made.plan.num_tokens + picture.num_tokens


def test_a_still_scene_of_many_frames_has_two_moments(tmp_path: Path) -> None:
    pictures = [np.full((96, 160, 3), 90, dtype=np.uint8)] * 20
    path = tmp_path / "still.mp4"
    make_clip(path, pictures)
    made = hint_video(path, tmp_path / "hint.mp4")
    check_stock_reading(made)
    assert len(made.plan.frames) == 2


def test_an_analysis_and_constraints(clip: Path, tmp_path: Path) -> None:
    seen = budgetfit.analyze(clip)
    made = hint_video(seen, tmp_path / "hint.mp4", constraints=[Exclude(0, 0.5)])
    check_stock_reading(made)
    assert all(frame.time_s > 0.5 for frame in made.plan.frames)
    with pytest.raises(InfeasibleError):
        hint_video(seen, tmp_path / "other.mp4", constraints=[Exclude(0, 100)])
    with pytest.raises(UsageError, match="start_s"):
        hint_video(seen, tmp_path / "other.mp4", start_s=0.5)
    assert not (tmp_path / "other.mp4").exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"montage": True}, "montage"),
        ({"time_labels": True}, "time_labels"),
        ({"system_prompt": "Be brief."}, "system_prompt"),
        ({"max_images": 3}, "max_images"),
    ],
)
def test_what_the_upsampler_does_not_send_is_refused(
    clip: Path, tmp_path: Path, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        hint_video(clip, tmp_path / "hint.mp4", **asked)


def test_files_that_cannot_be_written_are_refused_before_anything_is_read(
    clip: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there.mp4"
    there.write_bytes(b"mine")
    with pytest.raises(UsageError, match="overwrite"):
        hint_video("no such video", there)
    assert there.read_bytes() == b"mine"
    with pytest.raises(UsageError, match=r"\.mp4"):
        hint_video("no such video", tmp_path / "hint.avi")
    with pytest.raises(UsageError, match="no folder"):
        hint_video("no such video", tmp_path / "none" / "hint.mp4")
    check_stock_reading(hint_video(clip, there, overwrite=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "there.mp4"]


def test_the_file_says_no_more_than_it_shows(clip: Path, tmp_path: Path) -> None:
    made = hint_video(clip, tmp_path / "hint.mp4")
    with av.open(str(made.path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        (stream,) = container.streams.video
        assert stream.frames == 2
        assert [float(frame.time) for frame in container.decode(stream)] == [0.0, 1.0]
