"""What is read of a long file stays bounded, whatever its length: each read may take long."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from benchmarks.joined_clips import FPS, join_parts

import budgetfit
from budgetfit.video.container import MAX_SCANNED_BYTES
from tests.video.clips import make_clip

PART_S = 2
NUM_LOOKS = 17


class CountingFile(io.FileIO):
    """A file that notes what is read of it, and when a read begins elsewhere than the last ended.

    Attributes
    ----------
    num_read : int
        Bytes.
    num_jumps : int
        Reads that a disk would have to seek for.
    """

    num_read = 0
    num_jumps = 0
    _ended_at = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.num_jumps += self.tell() != self._ended_at
        block = super().read(-1 if size is None else size)
        self.num_read += len(block)
        self._ended_at = self.tell()
        return block


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two seconds of noise, a keyframe every second, some MB."""
    path = tmp_path_factory.mktemp("parts") / "part.mp4"
    noise = np.random.default_rng(0).integers(0, 256, (FPS * PART_S, 180, 320), np.uint8)
    make_clip(path, noise, fps=FPS, width=320, height=180, gop=FPS, codec_options={"qp": "28"})
    return path


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_reads_and_seeks_are_bounded_by_the_looks(
    container: str, part: Path, tmp_path: Path
) -> None:
    part_bytes = part.stat().st_size
    path = tmp_path / f"long.{container}"
    join_parts([part], path, PART_S * (4 * MAX_SCANNED_BYTES // part_bytes))
    with CountingFile(path) as file:
        seen = budgetfit.analyze(file, num_candidates=NUM_LOOKS)
        assert len(seen.times_s) == NUM_LOOKS
        looked_at, num_jumps = file.num_read, file.num_jumps
        plan = budgetfit.plan(seen, max_images=2)
        assert file.num_read == looked_at
        plan.images()
        shown = file.num_read - looked_at
    # The keyframe's group of each, which is half a part, and as much for what is read ahead.
    assert looked_at < NUM_LOOKS * part_bytes < path.stat().st_size / 3
    assert num_jumps < 4 * NUM_LOOKS
    # Opened again, and a group for each picture.
    assert shown < 4 * part_bytes
    path.unlink()
