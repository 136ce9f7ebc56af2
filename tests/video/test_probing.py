from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes


@pytest.mark.parametrize(
    ("aspect", "width"), [(None, 64), (Fraction(1), 64), (Fraction(2), 128), (Fraction(8, 9), 57)]
)
@pytest.mark.parametrize("container_format", ["mp4", "matroska", "mpegts"])
def test_displayed_size(aspect: Fraction | None, width: int, container_format: str) -> None:
    clip = clip_bytes(10, sample_aspect_ratio=aspect, container_format=container_format)
    with open_source(clip) as source:
        assert (source.info.width, source.info.height) == (width, 48)


@settings(max_examples=25)
@given(
    # FFmpeg opens no transport stream of two or three small frames.
    st.integers(5, 16),
    st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(7, 2)]),
    st.sampled_from(["mp4", "matroska", "mpegts"]),
    st.sampled_from([0.0, 0.25, 3.0]),
)
def test_duration_and_times(
    num_frames: int, fps: Fraction, container_format: str, start_s: float
) -> None:
    clip = clip_bytes(num_frames, fps=fps, container_format=container_format, start_s=start_s)
    with open_source(clip) as source:
        times = [c.time_s for c in source.sample(33)]
        assert times == pytest.approx([float(i / fps) for i in range(num_frames)], abs=2e-3)
        assert source.info.duration_s == pytest.approx(float(num_frames / fps), abs=5e-3)
        assert source.warnings == []


def test_no_stated_duration_is_measured() -> None:
    clip = clip_bytes(
        50, codec="libvpx-vp9", container_format="webm", container_options={"live": "1"}
    )
    with open_source(clip) as source:
        assert source.info.duration_s == pytest.approx(2.0, abs=0.01)


def test_audio_that_goes_on_adds_nothing() -> None:
    for container_format in ("mp4", "matroska"):
        clip = clip_bytes(10, audio_s=5.0, container_format=container_format)
        with open_source(clip) as source:
            assert source.info.duration_s == pytest.approx(0.4, abs=0.01)
            assert len(list(source.sample(5))) == 5
            assert source.warnings == []
