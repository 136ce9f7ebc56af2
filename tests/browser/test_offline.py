"""What the browser's tests stand on: local pages load, and what leaves the machine is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LOCAL = """<!doctype html>
<title>local</title>
<link rel="stylesheet" href="style.css">
<img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" alt="">
<p>before</p>
<script src="script.js"></script>
"""


def test_a_page_of_files_loads_whole_and_asks_nobody(
    page: Page, requests_away: list[str], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(LOCAL, encoding="utf-8")
    (tmp_path / "style.css").write_text("p { color: rgb(1, 2, 3) }", encoding="utf-8")
    (tmp_path / "script.js").write_text(
        "document.querySelector('p').textContent = 'after'", encoding="utf-8"
    )
    page.goto((tmp_path / "page.html").as_uri())
    paragraph = page.locator("p")
    assert page.title() == "local"
    assert paragraph.inner_text() == "after"
    assert paragraph.evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    assert page.locator("img").evaluate("img => img.naturalWidth") == 1
    assert requests_away == []


@pytest.mark.parametrize(
    "content",
    [
        '<img src="{}" alt="">',
        '<link rel="stylesheet" href="{}">',
        '<script src="{}"></script>',
        '<style>p {{ background: url("{}") }}</style><p>text</p>',
        '<iframe src="{}"></iframe>',
        '<script>fetch("{}").catch(() => 0)</script>',
    ],
)
def test_what_a_page_asks_of_others_is_told_and_stopped(
    page: Page, requests_away: list[str], content: str
) -> None:
    address = "https://elsewhere.invalid/thing"
    with page.expect_event("requestfailed") as failed:
        page.set_content(content.format(address))
    assert failed.value.url == address
    assert failed.value.failure == "net::ERR_FAILED"
    assert requests_away == [address]


def test_a_page_elsewhere_is_not_reached(page: Page, requests_away: list[str]) -> None:
    with pytest.raises(Exception, match="ERR_FAILED"):
        page.goto("http://elsewhere.invalid/")
    assert requests_away == ["http://elsewhere.invalid/"]


def test_a_web_socket_is_told_and_not_connected(page: Page, requests_away: list[str]) -> None:
    page.goto("about:blank")
    page.evaluate("new WebSocket('wss://elsewhere.invalid/')")
    assert requests_away == ["wss://elsewhere.invalid/"]
