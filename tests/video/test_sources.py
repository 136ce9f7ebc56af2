from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from budgetfit.errors import UsageError, VideoDecodeError, VideoError
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes, make_clip, read_number


@pytest.mark.parametrize(
    "name", ["a:b.mp4", "http:x.mp4", "50%d.mp4", "sp ace.mp4", "smile ☺.mp4", "-.mp4", "no_suffix"]
)
def test_odd_names_are_files(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = clip_bytes(3)
    (tmp_path / name).write_bytes(clip)
    monkeypatch.chdir(tmp_path)
    for path in (name, tmp_path / name):
        with open_source(path) as source:
            assert source.info.path == str(path)
            assert [read_number(c.luma) for c in source.sample(5)] == [0, 1, 2]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.mp4", "rtsp://x", "concat:a|b", "pipe:0", "data:,x", "file:x", ""]
)
def test_urls_are_missing_files(url: str) -> None:
    with pytest.raises(VideoError, match="cannot be opened") as caught:
        open_source(url)
    assert "\n" not in str(caught.value)
    assert repr(url) in str(caught.value)


def test_a_path_that_no_system_has() -> None:
    with pytest.raises(VideoError, match="cannot be opened"):
        open_source("a\0b.mp4")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="is a directory"):
        open_source(tmp_path)


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VideoError, match="not a regular file"):
        open_source(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.mp4"
    path.write_bytes(clip_bytes(2))
    path.chmod(0)
    with pytest.raises(VideoError, match="cannot be read"):
        open_source(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"some text\n" * 40, b"\xff" * 100_000])
@pytest.mark.parametrize("as_file", [False, True])
def test_what_is_no_video(tmp_path: Path, content: bytes, as_file: bool) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError) as caught:
        open_source(path if as_file else content)
    assert "\n" not in str(caught.value)
    assert (str(path) if as_file else "the video in memory") in str(caught.value)


def audio_file() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def test_audio_alone() -> None:
    with pytest.raises(VideoError, match=r"no video stream \(it has: audio\)") as caught:
        open_source(audio_file())
    assert not isinstance(caught.value, VideoDecodeError)


def test_a_playlist_is_refused_and_nothing_it_names_is_opened(tmp_path: Path) -> None:
    make_clip(tmp_path / "part.ts", 4, container_format="mpegts")
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npart.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.m3u8").write_text(playlist)
    (tmp_path / "list.ffconcat").write_text("ffconcat version 1.0\nfile part.ts\n")
    for name in ("list.m3u8", "list.ffconcat"):
        with pytest.raises(VideoError):
            open_source(tmp_path / name)


def test_errors_do_not_reach_stderr(tmp_path: Path) -> None:
    clip = clip_bytes(60, gop=10)
    with av.open(io.BytesIO(clip), "r") as container:
        packet = [p for p in container.demux(video=0) if p.size][20]
        assert packet.pos is not None
    damage = b"\xff" * packet.size
    damaged = clip[: packet.pos] + damage + clip[packet.pos + packet.size :]
    (tmp_path / "damaged.mp4").write_bytes(damaged)
    code = (
        "import sys\n"
        "from budgetfit.video.sources import open_source\n"
        "with open_source(sys.argv[1]) as source:\n"
        "    print(len(list(source.sample(100))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "damaged.mp4")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert int(done.stdout) > 5
    assert done.stderr == ""


def test_times_are_for_images_only() -> None:
    with pytest.raises(UsageError, match="times_s was given with the video in memory"):
        open_source(clip_bytes(2), times_s=[0, 1])


def test_not_a_video_at_all() -> None:
    for video in (None, 3.5, object()):
        with pytest.raises(UsageError, match="cannot be read from"):
            open_source(video)  # type: ignore[arg-type]


def test_numbers_of_frames_and_codecs() -> None:
    with open_source(clip_bytes(7, bframes=2)) as source:
        info = source.info
    assert (info.num_frames, info.codec, info.pixel_format) == (7, "h264", "yuv420p")
    with open_source(clip_bytes(7, codec="libvpx", container_format="webm")) as source:
        assert source.info.num_frames is None
