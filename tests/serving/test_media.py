from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from budgetfit.errors import UsageError, VideoError
from budgetfit.serving.media import read_media
from budgetfit.serving.settings import PlanningSettings


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    (folder / "a b.mp4").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    (tmp_path / "allowed-too").mkdir()
    (tmp_path / "allowed-too" / "c").write_bytes(b"outside")
    return folder


def test_files_below_allowed_folders_are_read(allowed: Path) -> None:
    settings = PlanningSettings(allowed_dirs=(allowed,))
    (allowed / "link").symlink_to(allowed / "a b.mp4")
    for url in (f"{allowed}/a b.mp4", f"file://{allowed}/a%20b.mp4", f"{allowed}/link"):
        assert read_media(url, settings) == b"inside"


@pytest.mark.parametrize(
    "name",
    ["../secret", "link", "folder/secret", "../allowed-too/c", "", ".", "%2e%2e/secret", "a\0b"],
)
def test_nothing_else_is_read(allowed: Path, name: str) -> None:
    (allowed / "link").symlink_to(allowed.parent / "secret")
    (allowed / "folder").symlink_to(allowed.parent)
    settings = PlanningSettings(allowed_dirs=(allowed,))
    for url in (f"{allowed}/{name}", f"file://{allowed}/{name}"):
        with pytest.raises((UsageError, VideoError)):
            read_media(url, settings)
        with pytest.raises(UsageError, match="--allow-dir"):
            read_media(f"file://{allowed}/a%20b.mp4", PlanningSettings())


def test_pipes_and_large_files_are_not_waited_for(allowed: Path) -> None:
    os.mkfifo(allowed / "pipe")
    settings = PlanningSettings(allowed_dirs=(allowed,), max_media_bytes=5)
    with pytest.raises(VideoError, match="regular"):
        read_media(f"{allowed}/pipe", settings)
    with pytest.raises(UsageError, match="5 bytes"):
        read_media(f"{allowed}/a b.mp4", settings)


@pytest.mark.parametrize(
    "url", ["concat:/a|/b", "ftp://h/a", "a.mp4", "pipe:0", "file://host/a", ""]
)
def test_only_data_files_and_the_web_are_addresses(url: str) -> None:
    with pytest.raises(UsageError, match="--allow-dir"):
        read_media(url, PlanningSettings())


def test_data_is_checked() -> None:
    settings = PlanningSettings(max_media_bytes=9)
    good = base64.b64encode(b"123456789").decode()
    assert read_media(f"data:video/mp4;base64,{good[:4]}\n{good[4:]}", settings) == b"123456789"
    for url in (f"data:video/mp4,{good}", "data:;base64,a", "data:;base64,", "data:;base64,€€€€"):
        with pytest.raises(UsageError, match=r"base64|empty"):
            read_media(url, settings)
    with pytest.raises(UsageError, match="9 bytes"):
        read_media(f"data:;base64,{good}AAAA", settings)


@pytest.fixture
def web() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_port}/a")  # type: ignore[attr-defined]
                self.end_headers()
                return
            if self.path == "/round":
                self.send_response(302)
                self.send_header("Location", "/round")
                self.end_headers()
                return
            self.send_response(200 if self.path == "/a" else 404)
            self.end_headers()
            self.wfile.write(b"123456789")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_only_allowed_hosts_are_asked_and_redirects_lead_to_no_others(web: str) -> None:
    with pytest.raises(UsageError, match="--allow-host"):
        read_media(f"http://{web}/a", PlanningSettings())
    settings = PlanningSettings(allowed_hosts=(web,))
    assert read_media(f"http://{web}/a", settings) == b"123456789"
    with pytest.raises(UsageError, match="localhost"):
        read_media(f"http://{web}/away", settings)
    both = PlanningSettings(allowed_hosts=("127.0.0.1", "localhost"))
    assert read_media(f"http://{web}/away", both) == b"123456789"
    with pytest.raises(VideoError, match="redirects"):
        read_media(f"http://{web}/round", both)
    with pytest.raises(VideoError, match="404"):
        read_media(f"http://{web}/b", both)
    with pytest.raises(UsageError, match="8 bytes"):
        read_media(f"http://{web}/a", PlanningSettings(allowed_hosts=(web,), max_media_bytes=8))
    with pytest.raises(UsageError, match="--allow-host"):
        read_media(f"http://127.0.0.1@evil.invalid:{web[-4:]}/a", both)
