"""The site: built without a warning, complete, and whole without the network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import budgetfit
import budgetfit.ray_data
import budgetfit.serving

ROOT = Path(__file__).parents[2]

# Elements that a browser loads by itself, and the attribute that says from where.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The links, the loaded files and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in LOADED and LOADED[tag] in values:
            self.loaded.append(values[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site without executing the notebooks, which make docs does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q"]
    done = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(ROOT / "docs"), str(folder / "html")],
        env=os.environ | {"BUDGETFIT_DOCS_EXECUTE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


@pytest.mark.engine
def test_nothing_is_loaded_from_elsewhere_and_no_link_inside_is_dead(site: Path) -> None:
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    assert len(pages) > 30
    for path, page in pages.items():
        assert [url for url in page.loaded if urlsplit(url).netloc] == [], path
        for url in [*page.links, *page.loaded]:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path}: {url}"
            if target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{path}: {url}"


@pytest.mark.engine
def test_formulas_are_drawn_by_the_browser(site: Path) -> None:
    page = (site / "formulation.html").read_text(encoding="utf-8")
    assert page.count("<math") > 20
    assert "MathJax" not in page


def _documented(page: Path) -> Iterator[str]:
    module = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:2] == ["..", "currentmodule::"]:
            module = words[2] + "."
        elif len(words) == 3 and words[0] == ".." and words[1].endswith("::"):
            yield words[2] if "." in words[2] else module + words[2]


def test_every_public_name_has_its_place() -> None:
    documented = {name for page in (ROOT / "docs/api").glob("*.md") for name in _documented(page)}
    public = {f"budgetfit.{name}" for name in budgetfit.__all__}
    public |= {f"budgetfit.engines.{name}" for name in budgetfit.engines.__all__}
    public |= {f"budgetfit.constraints.{name}" for name in budgetfit.constraints.__all__}
    public |= {f"budgetfit.cosmos.{name}" for name in budgetfit.cosmos.__all__}
    public |= {f"budgetfit.serving.{name}" for name in budgetfit.serving.__all__}
    public |= {f"budgetfit.ray_data.{name}" for name in budgetfit.ray_data.__all__}
    # What the planner calls, of no use to its users.
    assert public - documented == {"budgetfit.constraints.constrain"}
