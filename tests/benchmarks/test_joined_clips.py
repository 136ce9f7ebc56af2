"""Parts are of one kind, and joined without losing or moving a frame."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from benchmarks.joined_clips import FPS, SIZE, encode_part, join_parts, part_order

from tests.video.clips import make_clip, numbered_pictures, read_number


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Three parts of 30, 30 and 20 frames that show the numbers from 0, 100 and 200 on."""
    found = []
    for index, (count, fps) in enumerate(((50, FPS), (100, 2 * FPS), (20, FPS))):
        numbers = numbered_pictures(100 * index + count, 320, 180)[100 * index :]
        clip, part = tmp_path / f"clip{index}.mp4", tmp_path / f"part{index}.mp4"
        make_clip(clip, numbers, fps=fps, width=320, height=180, bframes=2)
        assert encode_part(clip, part, most_s=30 / FPS) == (30, 30, 20)[index]
        found.append(part)
    return found


def test_parts_have_one_size_and_rate(parts: list[Path]) -> None:
    for part in parts:
        frames = decoded(part)
        assert {(frame.width, frame.height) for frame in frames} == {SIZE}
        assert [frame.time for frame in frames] == pytest.approx(np.arange(len(frames)) / FPS)


def test_joining_loses_and_moves_no_frame(parts: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "joined.mp4"
    joined = join_parts(parts, target, 5.0)
    frames = decoded(target)
    assert len(frames) == joined.num_frames >= 5 * FPS
    assert [frame.time for frame in frames] == pytest.approx(np.arange(len(frames)) / FPS)
    numbers = [read_number(frame.to_ndarray(format="gray8").astype(np.uint8)) for frame in frames]
    begins = [0, *(round(cut_s * FPS) for cut_s in joined.cuts_s)]
    for begin, end in zip(begins, [*begins[1:], len(numbers)], strict=True):
        # The second clip has twice the rate: every other frame of it is left.
        step = 2 if numbers[begin] == 100 else 1
        expected = range(numbers[begin], numbers[begin] + step * (end - begin), step)
        assert numbers[begin:end] == list(expected)
    assert [numbers[begin] // 100 for begin in begins] == list(islice(part_order(3), len(begins)))


def test_every_part_comes_before_any_comes_again() -> None:
    order = list(islice(part_order(5), 20))
    assert all(sorted(order[i : i + 5]) == list(range(5)) for i in range(0, 20, 5))
    assert order == list(islice(part_order(5), 20))
    assert order[:5] != order[5:10] or order[5:10] != order[10:15]


def test_a_clip_without_frames_makes_no_part(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make_clip(clip, 3)
    assert encode_part(clip, tmp_path / "part.mp4", most_s=0.0) == 0
    assert list(tmp_path.iterdir()) == [clip]
