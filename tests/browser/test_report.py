"""A report in a browser: it shows moments, asks nobody, and is readable for everybody.

With BUDGETFIT_UPDATE_SCREENSHOTS=1 the pictures of docs/report.md are taken again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

import budgetfit
from budgetfit.report import plan_html, report
from tests.report.pages import HOSTILE_NAME, HOSTILE_TEXTS, hostile_plan

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "images" / "report"

# Texts with too little contrast to what is behind them, by "Web Content Accessibility Guidelines
# 2.1", success criterion 1.4.3, and bars, by 1.4.11; the formulas are those of its glossary.
LOW_CONTRAST = """() => {
  const parsed = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parsed(color).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if ((parsed(color)[3] ?? 1) === 1) return color;
    }
    throw new Error("nothing is behind " + element.outerHTML);
  };
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const low = [];
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    if (element.closest("script, style, title, dialog")) continue;
    looked += 1;
    const ratio = contrast(getComputedStyle(element).color, behind(element));
    if (ratio < 4.5) low.push([element.outerHTML.slice(0, 80), ratio]);
  }
  const empty = getComputedStyle(document.querySelector(".void")).fill;
  for (const bar of document.querySelectorAll(".bar, .tokens rect:not(.unused)")) {
    const ratio = contrast(getComputedStyle(bar).fill, empty);
    if (ratio < 3) low.push([bar.outerHTML.slice(0, 80), ratio]);
  }
  return [looked, low];
}"""


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, package_clips: dict[str, Path]
) -> tuple[budgetfit.Plan, Path]:
    """A plan of a real clip, and its page."""
    plan = budgetfit.plan(package_clips["bikes"], "Describe the scene.", max_images=9)
    path = tmp_path_factory.mktemp("report") / "page.html"
    report(plan, path)
    return plan, path


@pytest.fixture
def problems(page: Page) -> Iterator[list[str]]:
    """Return what the page complains of: errors, and what its policy refused."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: found.append(dialog.message))
    yield found
    assert found == []


def open_page(page: Page, path: Path, width: int = 1280, scheme: str = "light") -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path.as_uri())


def pointed(page: Page, share: float) -> str:
    """Point at the timeline and return what is said of the moment there."""
    box = page.locator("#track").bounding_box()
    assert box is not None
    page.locator("#track").hover(position={"x": box["width"] * share, "y": 40})
    return page.locator("#card").inner_text()


def test_the_page_loads_from_a_file_and_asks_nobody(
    page: Page, problems: list[str], requests_away: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    plan, path = written
    open_page(page, path)
    page.wait_for_load_state("networkidle")
    sizes = page.locator("img").evaluate_all(
        "images => images.map(image => (image.loading = 'eager', image.decode())) && "
        "Promise.all(images.map(image => image.decode().then(() => image.naturalWidth)))"
    )
    assert len(sizes) > len(plan.pictures)
    assert min(sizes) > 0
    assert page.title().startswith("bikes.mp4")
    assert requests_away == []


def test_pictures_are_drawn_in_one_scale(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    plan, path = written
    for width in (1280, 700, 360):
        open_page(page, path, width)
        drawn = page.locator(".zoom img").evaluate_all(
            "images => images.map(image => image.getBoundingClientRect().width)"
        )
        scales = [shown / frame.width for shown, frame in zip(drawn, plan.frames, strict=True)]
        assert max(scales) - min(scales) < 0.01
        assert max(scales) <= 1.001


def test_pointing_at_a_moment_shows_it(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    plan, path = written
    open_page(page, path)
    last = plan.video.duration_s
    for share in (0.05, 0.5, 0.95):
        said = pointed(page, share)
        minutes, _, seconds = said.split(" s")[0].split("\n")[0].rpartition(":")
        assert float(minutes or 0) * 60 + float(seconds) == pytest.approx(share * last, abs=0.6)
        assert "of it is shown, by picture" in said
    assert page.locator("#card img").evaluate("image => image.naturalWidth") > 50
    cursor = page.locator("#cursor").bounding_box()
    track = page.locator("#track").bounding_box()
    assert cursor is not None
    assert track is not None
    left = cursor["x"] - track["x"]
    assert left <= track["width"] * 0.95 + 2 <= left + cursor["width"] + 4


def test_keys_move_between_moments(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    open_page(page, written[1])
    track = page.get_by_role("slider", name="Moment of the video")
    number = int(track.get_attribute("aria-valuemax") or 0)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "track":
            break
    assert page.evaluate("document.activeElement.id") == "track"
    assert track.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)") >= 2
    reached = []
    for key, now in (
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("End", number),
        ("ArrowRight", number),
        ("Home", 1),
        ("ArrowLeft", 1),
        ("PageUp", min(11, number)),
    ):
        page.keyboard.press(key)
        assert track.get_attribute("aria-valuenow") == str(now)
        reached.append(page.locator("#card").inner_text())
        text = track.get_attribute("aria-valuetext")
        assert text == reached[-1].replace("\n\n", "\n").replace("\n", ". ", 1)
    assert len(set(reached)) == len({2, 3, number, 1, min(11, number)})


def test_a_tap_shows_a_moment(browser: Browser, written: tuple[budgetfit.Plan, Path]) -> None:
    size = {"width": 360, "height": 740}
    with browser.new_context(has_touch=True, is_mobile=True, viewport=size) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(written[1].as_uri())
        before = page.locator("#card").inner_text()
        box = page.locator("#track").bounding_box()
        assert box is not None
        page.locator("#track").tap(position={"x": box["width"] * 0.8, "y": 30})
        assert page.locator("#card").inner_text() != before


def test_a_picture_is_shown_larger_and_goes_again(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    plan, path = written
    open_page(page, path)
    page.locator(".zoom").nth(1).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.is_visible()
    assert dialog.locator("img").evaluate("image => image.width") == plan.frames[1].width
    page.keyboard.press("Escape")
    assert dialog.is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everything_can_be_read(
    page: Page,
    problems: list[str],
    written: tuple[budgetfit.Plan, Path],
    width: int,
    scheme: str,
) -> None:
    open_page(page, written[1], width, scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    looked, low = page.evaluate(LOW_CONTRAST)
    assert looked > 100
    assert low == []


@pytest.mark.parametrize("width", [320, 360, 768])
def test_the_page_never_scrolls_sideways(
    page: Page,
    problems: list[str],
    written: tuple[budgetfit.Plan, Path],
    tmp_path: Path,
    width: int,
) -> None:
    report(hostile_plan(tmp_path), tmp_path / "hostile.html")
    for path in (written[1], tmp_path / "hostile.html"):
        open_page(page, path, width)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_texts_do_nothing(
    page: Page, problems: list[str], requests_away: list[str], tmp_path: Path
) -> None:
    plan = hostile_plan(tmp_path)
    report(plan, tmp_path / "hostile.html")
    open_page(page, tmp_path / "hostile.html")
    assert page.locator("h1").inner_text() == HOSTILE_NAME
    assert page.locator("script").count() == 1
    shown = page.locator("pre").all_inner_texts()
    assert any(
        all(text.replace("\u202e", "\\u202e") in pre for text in HOSTILE_TEXTS) for pre in shown
    )
    page.set_content(plan_html(plan))
    assert page.locator("img").count() == len(plan.pictures)
    page.wait_for_load_state("networkidle")
    assert requests_away == []


def test_the_policy_stops_what_is_not_the_pages(
    page: Page, written: tuple[budgetfit.Plan, Path]
) -> None:
    open_page(page, written[1])
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          document.body.append(Object.assign(new Image(), {src: "https://elsewhere.invalid/a"}));
        }"""
    )
    assert page.evaluate("window.ran") is None
    page.wait_for_timeout(50)
    assert len([text for text in refused if "Content Security Policy" in text]) == 2


def test_the_page_is_readable_without_scripts(
    browser: Browser, written: tuple[budgetfit.Plan, Path]
) -> None:
    plan, path = written
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        assert page.locator(".zoom img").count() == len(plan.pictures)
        assert page.locator("#card").is_hidden()
        assert page.locator(".scripted").first.is_hidden()
        assert page.get_by_role("slider").count() == 0
        page.locator("summary", has_text="moments in a table").click()
        rows = page.locator("#moments tbody tr")
        assert rows.first.is_visible()
        assert "picture" in rows.nth(rows.count() // 2).inner_text()


def test_the_page_prints_without_what_only_a_screen_has(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(written[1].as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for only_screen in ("nav", "#card", ".skip"):
        assert page.locator(only_screen).is_hidden()
    assert page.locator(".bar").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_headings_lead_through_the_page(
    page: Page, problems: list[str], written: tuple[budgetfit.Plan, Path]
) -> None:
    open_page(page, written[1])
    targets = page.locator("nav a").evaluate_all("links => links.map(link => link.hash.slice(1))")
    tops = [
        page.locator(f"[id={name}]").evaluate("e => e.getBoundingClientRect().top")
        for name in targets
    ]
    assert len(tops) >= 6
    assert all(before < after for before, after in pairwise(tops))


def of_256_colors(image: Image.Image) -> Image.Image:
    """For a third of the bytes: the page's own colours are kept, the pictures' are approximate."""
    counts: Any = image.getcolors(image.width * image.height)
    own = [value for _, color in sorted(counts)[-64:] for value in color]
    palette = Image.new("P", (1, 1))
    palette.putpalette(own + (image.quantize(192).getpalette() or [])[: 192 * 3])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


@pytest.mark.skipif(
    os.environ.get("BUDGETFIT_UPDATE_SCREENSHOTS") != "1",
    reason="BUDGETFIT_UPDATE_SCREENSHOTS=1 takes the pictures of docs/report.md again",
)
def test_screenshots(page: Page, tmp_path: Path, package_clips: dict[str, Path]) -> None:
    # Few pictures, so that the timeline is seen as well.
    plan = budgetfit.plan(package_clips["bikes"], "Describe the scene.", max_images=6)
    report(plan, tmp_path / "page.html")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for name, width, scheme in (
        ("wide", 1280, "light"),
        ("phone", 360, "light"),
        ("dark", 1280, "dark"),
    ):
        open_page(page, tmp_path / "page.html", width, scheme)
        pointed(page, 0.62)
        bottom = page.locator("#card").evaluate("e => e.getBoundingClientRect().bottom + scrollY")
        clip: Any = {"x": 0, "y": 0, "width": width, "height": bottom + 24}
        path = SCREENSHOTS / f"{name}.png"
        taken = page.screenshot(clip=clip, full_page=True)
        with Image.open(io.BytesIO(taken)) as image:
            of_256_colors(image.convert("RGB")).save(path, optimize=True)
        assert path.stat().st_size < 300_000
