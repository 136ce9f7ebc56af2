"""Pictures of a video that is held open are those that it gives when it is opened again.

On every clip: tests/cosmos/test_hint_video.py, since hint_video holds its video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import budgetfit
from budgetfit.video.container import ContainerSource
from budgetfit.video.decoding import FrameReader
from budgetfit.video.held_open import held_open, held_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import av


@pytest.fixture
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Timestamps that readers were asked for."""
    asked: list[int] = []
    frames_at = FrameReader.frames_at

    def noting(self: FrameReader, wanted: Sequence[int]) -> Iterator[tuple[int, av.VideoFrame]]:
        asked.extend(wanted)
        return frames_at(self, wanted)

    monkeypatch.setattr(FrameReader, "frames_at", noting)
    return asked


@pytest.mark.parametrize("options", [{}, {"max_images": 2}, {"montage": True, "max_images": 4}])
def test_pictures_are_those_of_a_video_opened_again(
    bunny: Path, decoded: list[int], options: dict[str, object]
) -> None:
    with held_open():
        plan = budgetfit.plan(bunny, "What is it?", **options)  # type: ignore[arg-type]
        num_looked_at = len(decoded)
        held = plan.images()
        assert len(decoded) == num_looked_at
    again = plan.images()
    assert len(decoded) > num_looked_at
    assert [image.tobytes() for image in held] == [image.tobytes() for image in again]


def test_a_video_is_closed_at_the_end_of_the_block(bunny: Path) -> None:
    with held_open():
        seen = budgetfit.analyze(bunny)
        source = held_source(seen.info.fingerprint)
        assert isinstance(source, ContainerSource)
        assert held_source("another") is None
        source.decode([seen.looks.sights[0].pts], [(32, 32)])
    assert held_source(seen.info.fingerprint) is None
    with pytest.raises(budgetfit.VideoError):
        source.decode([seen.looks.sights[1].pts], [(32, 32)])


def test_one_video_is_held_at_a_time(bunny: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(bunny.read_bytes() + b"\0" * 8)
    with held_open():
        first = budgetfit.analyze(bunny).info.fingerprint
        second = budgetfit.analyze(other).info.fingerprint
        assert held_source(first) is None
        assert held_source(second) is not None
