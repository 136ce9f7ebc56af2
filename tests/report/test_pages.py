"""A report is one well-formed page that loads nothing, whatever the plan says."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import sys
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import Exclude
from budgetfit.errors import MissingExtraError, UsageError, VideoError
from budgetfit.report import plan_html, report
from tests.report.pages import HOSTILE_NAME, HOSTILE_TEXTS, Page, black_clip, hostile_plan
from tests.video.clips import make_clip


def written(plan: budgetfit.Plan, folder: Path, **options: Any) -> Page:
    report(plan, folder / "page.html", **options)
    return Page.of((folder / "page.html").read_text(encoding="utf-8"))


def plan_of(path: Path, **options: Any) -> budgetfit.Plan:
    clip = path / "numbers.mp4"
    make_clip(clip, 25, width=160, height=96)
    return budgetfit.plan(clip, **options)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("page")
    asked: dict[str, Any] = {"max_images": 3, "constraints": [Exclude(0.2, 0.4)]}
    return written(plan_of(folder, prompt="What is counted here?", **asked), folder)


def test_the_page_is_well_formed(page: Page) -> None:
    assert page.problems == []
    assert len(set(page.ids)) == len(page.ids)
    for element in page.with_attribute("aria-labelledby"):
        assert element.attributes["aria-labelledby"] in page.ids
    assert page.all("html")[0].attributes["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1


def test_headings_are_nested_and_tables_named(page: Page) -> None:
    levels = [int(element.tag[1]) for element in page.elements if re.match(r"h\d$", element.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all("alt" in image.attributes for image in page.all("img"))
    for svg in page.all("svg"):
        assert {"aria-label", "aria-hidden"} & svg.attributes.keys()


def test_nothing_is_loaded(page: Page) -> None:
    local = re.compile(r"data:image/(jpeg|gif);base64,[A-Za-z0-9+/=]+$|#")
    assert [url for url in page.loads if not local.match(url)] == []
    assert {url[1:] for url in page.loads if url.startswith("#")} <= set(page.ids)
    assert page.all("link") == page.all("iframe") == page.all("object") == []


def test_the_policy_allows_this_script_and_no_other(page: Page) -> None:
    policy = next(
        element.attributes["content"]
        for element in page.all("meta")
        if element.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    (script,) = page.all("script")
    digest = hashlib.sha256(script.text.encode()).digest()
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert directives["default-src"] == "'none'"
    assert directives["img-src"] == "data:"
    assert [e for e in page.elements if any(name.startswith("on") for name in e.attributes)] == []


def test_the_page_says_what_the_plan_says(page: Page, tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, prompt="What is counted here?", max_images=3, constraints=[Exclude(0.2, 0.4)]
    )
    text = page.all("body")[0].text
    for said in (
        "numbers.mp4",
        f"3 pictures show {plan.information:.1%} of the video",
        f"in {plan.num_tokens:,} of {plan.limits.max_prompt_tokens:,} prompt tokens",
        "What is counted here?",
        "Exclude(start_s=0.2, end_s=0.4)",
        plan.video.fingerprint,
        budgetfit.__version__,
        "Which picture explains which moment",
        "What other numbers of tokens would show",
        "Why this plan",
        "3 of 3 images used",
    ):
        assert said in text
    for number, frame in enumerate(plan.frames, 1):
        assert f"{number} {frame.time_s:.2f} s" in text
        assert f"{frame.width}×{frame.height}, {frame.num_tokens:,} tokens" in text
    assert len([element for element in page.elements if "zoom" in classes(element)]) == 3


def classes(element: Any) -> list[str]:
    return list(element.attributes.get("class", "").split())


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    page = written(hostile_plan(tmp_path), tmp_path)
    assert page.problems == []
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert all("onerror" not in element.attributes for element in page.elements)
    text = page.all("body")[0].text
    assert "49" not in re.findall(r"\b49\b", page.all("h1")[0].text)
    assert HOSTILE_NAME in page.all("h1")[0].text
    for hostile in HOSTILE_TEXTS:
        assert hostile.replace("\u202e", "\\u202e") in text
    # A mark that reorders text is shown and does not act.
    assert "\u202e" not in text


def test_a_plan_from_a_file_has_the_same_page(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, max_images=2)
    report(plan, tmp_path / "before.html")
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    report(loaded, tmp_path / "after.html")
    assert (tmp_path / "after.html").read_bytes() == (tmp_path / "before.html").read_bytes()
    clip = Path(str(plan.video.path))
    moved = shutil.move(clip, tmp_path / "moved.mp4")
    with pytest.raises(VideoError):
        report(loaded, tmp_path / "after.html")
    page = written(loaded, tmp_path, video=moved)
    assert page.problems == []


@pytest.mark.parametrize(
    "asked",
    [
        {"montage": True, "max_images": 2},
        {"start_s": 0.2, "end_s": 0.7},
        {"prompt": "word " * 3000, "max_model_len": 1200},
        {"relevance": [(0.0, 0.3, 4.0)], "num_candidates": 9},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_every_kind_of_plan_has_a_page(tmp_path: Path, asked: dict[str, Any]) -> None:
    plan = plan_of(tmp_path, **asked)
    page = written(plan, tmp_path)
    assert page.problems == []
    assert len(set(page.ids)) == len(page.ids)
    assert page.all("body")[0].text.count("None") == page.all("body")[0].text.count("None.")
    if plan.sheets:
        assert "tile 2" in page.all("body")[0].text


def test_a_black_video_has_a_page(tmp_path: Path) -> None:
    page = written(budgetfit.plan(black_clip(tmp_path / "black.mp4")), tmp_path)
    assert page.problems == []
    (row, *_) = page.with_attribute("data-sentence")
    assert row.attributes["data-sentence"].startswith("There is nothing to see here")


def test_moments_of_an_own_measure_may_be_unknown(tmp_path: Path) -> None:
    def measure(candidates: Any) -> budgetfit.Information:
        number = len(candidates.time_s)
        return budgetfit.Information(
            similarity=np.full((3, number), 0.5),
            fidelity=np.full((number, len(candidates.sizes)), 0.5),
            weights=np.ones(3),
        )

    page = written(plan_of(tmp_path, information=measure), tmp_path)
    assert page.problems == []
    assert "There is no timeline: information gave 3 moments" in page.all("body")[0].text


def test_a_page_of_thirty_pictures_is_small(tmp_path: Path, package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bigbuckbunny"], max_model_len=120_000, max_images=30)
    assert len(plan.pictures) > 25
    page = written(plan, tmp_path)
    assert (tmp_path / "page.html").stat().st_size < 3e6
    assert len([element for element in page.elements if "zoom" in classes(element)]) > 25


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    with pytest.raises(UsageError, match=r"none.page\.html: No such file.*choose another path"):
        report(plan, tmp_path / "none" / "page.html")


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(tmp_path)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'budgetfit\[report\]'"):
        report(plan, tmp_path / "page.html")
    with pytest.raises(MissingExtraError, match=r"pip install 'budgetfit\[report\]'"):
        plan_html(plan)
    assert not (tmp_path / "page.html").exists()


def test_a_fragment_is_well_formed_and_has_no_script(tmp_path: Path) -> None:
    plan = hostile_plan(tmp_path)
    html = plan_html(plan)
    page = Page.of(html)
    assert page.problems == []
    assert page.all("script") == []
    assert page.ids == []
    assert len(page.all("img")) == len(plan.pictures)
    assert all("onerror" not in element.attributes for element in page.elements)
    assert [url for url in page.loads if not url.startswith("data:image/jpeg;base64,")] == []
    assert f"{plan.information:.1%} of the video" in page.all("div")[0].text
    assert len(html) < 300_000


def test_a_fragment_says_that_the_video_is_gone(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    Path(str(plan.video.path)).unlink()
    page = Page.of(plan_html(plan))
    assert page.all("img") == []
    assert "The pictures cannot be shown: " in page.all("div")[0].text


def test_the_templates_are_in_the_package() -> None:
    folder = files("budgetfit.report").joinpath("templates")
    assert {path.name for path in folder.iterdir()} == {
        *("fragment.css", "fragment.html", "macros.html", "page.css", "page.html", "page.js")
    }
