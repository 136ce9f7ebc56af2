"""Import times are read as Python writes them; the clip is cut as said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import pytest
from benchmarks.cold_start import ImportTime, cut_clip, parse_import_times, seconds_by_package


def test_lines_of_importtime_are_read() -> None:
    code = "import sys, json.tool; print('x', file=sys.stderr)"
    arguments = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    times = parse_import_times(done.stderr)
    assert {"json", "json.decoder", "json.tool"} <= {item.module for item in times}
    assert all(0 <= item.self_s < 60 for item in times)
    assert len(times) == done.stderr.count("import time:") - 1  # but for the heading


def test_seconds_are_added_by_package() -> None:
    times = [ImportTime("a.b", 0.25), ImportTime("c", 0.5), ImportTime("a", 0.5)]
    assert seconds_by_package(times) == [("a", 0.75), ("c", 0.5)]


@pytest.mark.parametrize(("duration_s", "num_frames"), [(1, 25), (5, 125)])
def test_a_cut_clip_has_its_length(
    original_clips: dict[str, Path], tmp_path: Path, duration_s: int, num_frames: int
) -> None:
    target = tmp_path / "cut.mp4"
    cut_clip(original_clips["bigbuckbunny"], target, duration_s)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (1280, 720)
        assert [frame.time for frame in container.decode(stream)] == [
            index / 25 for index in range(num_frames)
        ]
