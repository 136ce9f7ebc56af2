from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.media import MemoryMedia, OpenFileMedia, media_of_file
from budgetfit.video.sources import open_source

CONTENT = bytes(range(200))


@given(
    st.integers(0, 200),
    st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(-1, 90)),
            st.tuples(st.just("seek"), st.integers(0, 200)),
            st.tuples(st.just("skip"), st.integers(0, 20)),
        ),
        max_size=12,
    ),
)
def test_a_view_reads_as_a_file_of_its_own(start: int, calls: list[tuple[str, int]]) -> None:
    file = io.BytesIO(CONTENT)
    file.seek(start)
    view, reference = OpenFileMedia(file).reading(), io.BytesIO(CONTENT)
    for name, value in calls:
        if name == "read":
            assert view.read(value) == reference.read(value)
        elif name == "seek":
            assert view.seek(value) == reference.seek(value)
        else:
            assert view.seek(value, io.SEEK_CUR) == reference.seek(value, io.SEEK_CUR)
        assert view.tell() == reference.tell()
        assert file.tell() == start
    assert view.seek(-3, io.SEEK_END) == 197


def test_the_callers_position_stays(plain_clip: Path) -> None:
    with plain_clip.open("rb") as file:
        file.seek(123)
        with open_source(file) as source:
            assert file.tell() == 123
            candidates = source.sample(5)
            next(candidates)
            assert file.tell() == 123
            file.seek(7)
            pts = [c.pts for c in candidates]
            source.decode(pts, [(8, 8)] * len(pts))
            assert file.tell() == 7
        assert not file.closed


def test_a_file_that_cannot_seek_is_read_into_memory(plain_clip: Path) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    media = media_of_file(Stream(plain_clip.read_bytes()))
    assert isinstance(media, MemoryMedia)
    assert media.fingerprint() == MemoryMedia(plain_clip.read_bytes()).fingerprint()


def test_text_files_and_closed_files(plain_clip: Path) -> None:
    with plain_clip.open(encoding="latin-1") as text, pytest.raises(UsageError, match="mode 'rb'"):
        open_source(text)  # type: ignore[arg-type]
    with pytest.raises(VideoError, match="is closed"):
        open_source(cast("BinaryIO", text.buffer))


def test_a_file_opened_for_writing(tmp_path: Path) -> None:
    with (tmp_path / "out.mp4").open("wb") as file, pytest.raises(VideoError):
        open_source(file)
    with (tmp_path / "out.mp4").open("wb") as file:
        file.write(b"x" * 1000)
        with pytest.raises(VideoError, match="opened for writing"):
            open_source(file)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_copied(plain_clip: Path, kind: type) -> None:
    content = bytearray(plain_clip.read_bytes())
    with open_source(kind(content)) as source:
        content[:] = bytes(len(content))
        assert len(list(source.sample(5))) == 5
