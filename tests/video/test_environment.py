"""What environment variables say of decoding."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import budgetfit
from budgetfit.batch.planning import Planners
from budgetfit.video.container import ContainerSource
from budgetfit.video.environment import num_decoder_threads
from budgetfit.video.media import PathMedia
from tests.video.clips import clip_bytes

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "BUDGETFIT_DECODER_THREADS"


def threads_of(path: Path) -> int:
    with ContainerSource(PathMedia(str(path))) as source:
        return source._demuxer.stream.codec_context.thread_count


def test_decoders_start_as_many_threads_as_the_variable_says(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert num_decoder_threads() == 0
    free = budgetfit.plan(plain_clip).images()
    monkeypatch.setenv(VARIABLE, "1")
    assert threads_of(plain_clip) == 1
    assert [image.tobytes() for image in budgetfit.plan(plain_clip).images()] == [
        image.tobytes() for image in free
    ]
    monkeypatch.setenv(VARIABLE, "3")
    assert threads_of(plain_clip) == 3


def test_large_frames_are_not_decoded_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "large.mp4"
    clip.write_bytes(clip_bytes(1, width=8192, height=8192))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert threads_of(clip) == 1
    monkeypatch.setenv(VARIABLE, "3")
    assert threads_of(clip) == 1


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_of_threads(
    text: str, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(budgetfit.UsageError, match=f"{VARIABLE} is '{text}'"):
        budgetfit.plan(plain_clip)


def test_processes_that_plan_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    num_cores = len(os.sched_getaffinity(0))
    for num_processes, num_threads in ((1, num_cores), (num_cores, 1), (2 * num_cores, 1)):
        planners = Planners(num_processes)
        try:
            assert planners._environment == {VARIABLE: str(num_threads)}
        finally:
            planners.end()
