"""Pixels, frames and time have limits, and whoever trusts a video can raise them."""

from __future__ import annotations

import subprocess

import pytest

import budgetfit
from budgetfit.errors import UsageError, VideoLimitError
from budgetfit.video.limits import VideoLimits
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes


def test_defaults() -> None:
    assert VideoLimits.of_environment() == VideoLimits()


@pytest.mark.parametrize("text", ["0", "-1", "1e9", "many", "1" * 30, "1.5", "²"])
def test_what_is_no_limit(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGETFIT_MAX_PIXELS", text)
    with pytest.raises(UsageError, match=r"BUDGETFIT_MAX_PIXELS is .* whole number of at least 1"):
        open_source(clip_bytes(1))


@pytest.mark.parametrize(
    ("variable", "enough", "too_little", "says"),
    [
        ("BUDGETFIT_MAX_PIXELS", 64 * 48, 64 * 48 - 1, "3072 pixels a frame, and 3071 are allowed"),
        ("BUDGETFIT_MAX_FRAMES", 50, 49, "50 frames, and 49 are allowed"),
        ("BUDGETFIT_MAX_DURATION_S", 2, 1, "2 s of video, and 1 are allowed"),
    ],
)
def test_limits(
    variable: str, enough: int, too_little: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = clip_bytes(50)
    monkeypatch.setenv(variable, str(enough))
    open_source(clip).close()
    monkeypatch.setenv(variable, str(too_little))
    with pytest.raises(
        VideoLimitError, match=f"{says}; if you trust it, set .* {variable}"
    ) as caught:
        budgetfit.plan(clip)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_frames_without_an_index_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGETFIT_MAX_FRAMES", "9")
    with pytest.raises(VideoLimitError, match="over 9 frames"):
        open_source(clip_bytes(10, container_format="mpegts"))


def test_frames_that_grow_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    small = clip_bytes(4, container_format="h264")
    large = clip_bytes(4, container_format="h264", width=640, height=480)
    monkeypatch.setenv("BUDGETFIT_MAX_PIXELS", str(64 * 48))
    with pytest.raises(VideoLimitError, match="307200 pixels a frame, and 3072 are allowed"):
        open_source(small + large)


def test_time_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(ticks))
    monkeypatch.setenv("BUDGETFIT_MAX_READ_S", "5")
    with pytest.raises(VideoLimitError, match="s of reading, and 5 are allowed"):
        open_source(clip_bytes(10))


def test_an_endless_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGETFIT_MAX_HELD_BYTES", str(2**22))
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with pytest.raises(VideoLimitError, match="bytes to be held in memory"):
            open_source(process.stdout)  # type: ignore[arg-type]
        process.kill()
