"""--report writes the page beside the other files, or says before any work why it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.report.pages import Page


def test_the_report_is_a_page_about_the_plan(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    outcome = budgetfit("plan", clip, "--max-images", 2, "--report", target)
    assert (outcome.code, outcome.err) == (0, "")
    page = Page.of(target.read_text(encoding="utf-8"))
    assert page.problems == []
    assert page.all("h1")[0].text == "numbers.mp4"
    # What the user waited for until then, the process's start included.
    assert "total" in page.all("body")[0].text


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--report", "TMP/page.txt"], "does not end in .html"),
        (["--report", "TMP/none/page.html"], "TMP/none"),
        (["--report", "TMP/folder.html"], "is a folder"),
        (["--report", "TMP/page.html", "--json", "TMP/page.html"], "--json"),
        (["--report", "TMP/empty/page.html", "--images", "TMP/empty"], "--images"),
    ],
)
def test_a_wrong_file_is_told_before_any_work(
    budgetfit: Command, clip: Path, tmp_path: Path, args: list[str], names: str
) -> None:
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for command in ("plan", "run"):
        model = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1") if command == "run" else ()
        outcome = budgetfit(
            command, clip, *model, *(arg.replace("TMP", str(tmp_path)) for arg in args)
        )
        assert outcome.code == 2
        assert names.replace("TMP", str(tmp_path)) in outcome.error
        assert sorted(tmp_path.rglob("*")) == before


def test_a_missing_extra_is_told_before_any_work(
    budgetfit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    # The video is not looked at: there is none.
    outcome = budgetfit("plan", tmp_path / "none.mp4", "--report", tmp_path / "page.html")
    assert outcome.code == 2
    assert "pip install 'budgetfit[report]'" in outcome.error
