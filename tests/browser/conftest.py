"""Headless Chromium, and a page that reaches nothing but this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

FIND_CHROMIUM = Path(__file__).parents[2] / "scripts" / "find-chromium"
CHROMIUM_ARGS = [
    # The tests may run as root and in a container, where Chromium's sandbox does not start.
    "--no-sandbox",
    "--disable-gpu",
    # What Chromium asks of its maker's servers by itself, which no page's route sees.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LOCAL_SCHEMES = ("about", "blob", "data", "file")


# Not for the session: Playwright leaves an event loop running in this thread until it is stopped,
# and other modules' tests may start one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start headless Chromium; a machine without one fails, since these tests have to run."""
    found = subprocess.run([FIND_CHROMIUM], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(found.stderr.strip())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found.stdout.strip(), args=CHROMIUM_ARGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def requests_away() -> list[str]:
    """Return the addresses outside this machine that ``page`` asked for; none was answered."""
    return []


@pytest.fixture
def page(browser: Browser, requests_away: list[str]) -> Iterator[Page]:
    """Return a page without cookies, cache or service workers of others, and without a network."""

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in LOCAL_SCHEMES or address.hostname == "127.0.0.1":
            route.continue_()
        else:
            requests_away.append(route.request.url)
            route.abort()

    with browser.new_context(service_workers="block") as context:
        context.route("**/*", answer)
        context.route_web_socket("**/*", lambda socket: requests_away.append(socket.url))
        yield context.new_page()
