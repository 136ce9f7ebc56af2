"""Only the file that was given is read: nothing that it names, and nothing that its name means."""

from __future__ import annotations

import contextlib
import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import pytest

import budgetfit
from budgetfit.errors import BudgetfitError, VideoError
from budgetfit.video.sources import open_source
from tests.hostile.references import referring_files
from tests.hostile.watching import Watch, listening, watching
from tests.video.clips import make_clip, read_number

KINDS = sorted(referring_files(Path("/x/canary.ts"), 1))

# What FFmpeg follows when nothing forbids it; that the others are read as asked shows nothing.
FOLLOWED = {
    "list.m3u8": {},
    "list.ffconcat": {"safe": "0"},
    "external.mov": {"enable_drefs": "1", "use_absolute_path": "1"},
}


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with listening() as listener:
        yield listener


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary.ts"
    make_clip(path, 4, container_format="mpegts")
    return path


@pytest.fixture
def watch(canary: Path) -> Iterator[Watch]:
    with watching(canary) as witness:
        yield witness


def was_called(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def lay_out(kind: str, canary: Path, server: socket.socket) -> Path:
    path = canary.parent / kind
    path.write_bytes(referring_files(canary, server.getsockname()[1])[kind])
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given_as", ["path", "bytes", "file"])
def test_nothing_that_a_file_names_is_opened(
    kind: str, given_as: str, canary: Path, watch: Watch, server: socket.socket
) -> None:
    path = lay_out(kind, canary, server)
    (canary.parent / "titles.sub").symlink_to(canary)
    (canary.parent / "frame001.png").symlink_to(canary)
    content = path.read_bytes()
    video: Any = {"path": path, "bytes": content, "file": io.BytesIO(content)}[given_as]
    with pytest.raises(VideoError) as caught:
        open_source(video)
    assert "\n" not in str(caught.value)
    assert not watch.touched()
    assert not was_called(server)


@pytest.mark.parametrize("kind", FOLLOWED)
def test_the_witness_sees_what_ffmpeg_opens_by_itself(
    kind: str, canary: Path, watch: Watch, server: socket.socket
) -> None:
    path = lay_out(kind, canary, server)
    with contextlib.suppress(av.error.FFmpegError), av.open(
        str(path), container_options={"allowed_extensions": "ALL", **FOLLOWED[kind]}
    ) as container:  # fmt: skip
        next(container.demux(), None)
    assert watch.touched()


def test_playlists_are_called_so(canary: Path, server: socket.socket) -> None:
    for kind in (
        "list.m3u8",
        "named-as-a-video.mp4",
        "list.ffconcat",
        "manifest.mpd",
        "stream.sdp",
    ):
        path = lay_out(kind, canary, server)
        with pytest.raises(VideoError, match="is a playlist; give the video"):
            open_source(path)


def addresses(canary: Path, port: int) -> list[str]:
    url = f"127.0.0.1:{port}/canary.ts"
    return [
        f"concat:{canary}|{canary}",
        f"subfile,,start,0,end,0,,:{canary}",
        f"file:{canary}",
        f"async:{canary}",
        f"cache:{canary}",
        f"crypto:{canary}",
        f"movie={canary}",
        f"http://{url}",
        f"tcp://{url}",
        f"ftp://{url}",
        f"hls+http://{url}",
        f"rtsp://{url}",
        "pipe:0",
        "fd:",
        "data:video/mp4;base64,AAAA",
        str(canary.parent / "canary%s.ts"),
        str(canary.parent / "*.ts"),
        f"testsrc=duration=1@{canary}",
    ]


def test_addresses_are_names_of_files(canary: Path, watch: Watch, server: socket.socket) -> None:
    for address in addresses(canary, server.getsockname()[1]):
        with pytest.raises(VideoError, match="No such file"):
            open_source(address)
    assert not watch.touched()
    assert not was_called(server)


def test_a_file_that_is_named_as_an_address_is_that_file(
    canary: Path, watch: Watch, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(canary.parent)
    for number, name in enumerate(("concat:canary.ts|canary.ts", "tcp:127.0.0.1", "fd:", "-")):
        pictures = make_clip(canary.parent / "made.mp4", number + 1)
        os.rename(str(pictures), name)
        with open_source(name) as source:
            assert [read_number(c.luma) for c in source.sample(9)] == list(range(number + 1))
    assert not watch.touched()
    assert not was_called(server)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/urandom", "/dev/null", "/dev/tty", "/proc"])
def test_devices_are_no_videos(target: str, tmp_path: Path) -> None:
    link = tmp_path / "clip.mp4"
    link.symlink_to(target)
    for path in (target, link):
        with pytest.raises(VideoError, match=r"is not a regular file|is a directory|cannot be"):
            budgetfit.plan(path)


def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip.mp4")
    with pytest.raises(VideoError, match="is not a regular file"):
        budgetfit.plan(tmp_path / "clip.mp4")


def test_links_lead_to_files_or_to_errors(tmp_path: Path, canary: Path) -> None:
    (tmp_path / "good").symlink_to(canary)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with open_source(tmp_path / "good") as source:
        assert source.info.num_frames == 4
    for name in ("dangling", "loop"):
        with pytest.raises(BudgetfitError, match="cannot be opened"):
            open_source(tmp_path / name)


def test_devices_that_the_caller_opened() -> None:
    with open("/dev/zero", "rb") as file, pytest.raises(VideoError, match="is empty"):
        open_source(file)
