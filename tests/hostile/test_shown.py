"""What comes from outside is shown as text: it acts on no terminal and breaks no line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import budgetfit
from budgetfit.cli import main
from budgetfit.errors import VideoError
from tests.hostile.corpus import cut
from tests.video.clips import clip_bytes, make_clip

# A title of the window, a colour, a line break, a mark that reverses text, and HTML.
NAME = "a\x1b]0;owned\x07\x1b[31m\n\u202eb<img src=x onerror=alert(1)>.mkv"
ACTING = set("\x1b\x07\u202e\x9b")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05])
def test_errors_are_one_line_without_what_acts(
    share: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / NAME
    path.write_bytes(cut(clip_bytes(5, container_format="matroska"), share))
    with pytest.raises(VideoError) as caught:
        budgetfit.plan(path)
    assert len(str(caught.value).splitlines()) == 1
    assert main(["plan", str(path)]) == 3
    error = capsys.readouterr().err
    assert error.startswith("budgetfit: error: ")
    assert len(error.splitlines()) == 1
    assert not ACTING & set(error)


def test_a_missing_file_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", f"/nowhere/{NAME}"]) == 3
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert not ACTING & set(error)


def test_a_plan_and_its_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / NAME
    path.write_bytes(cut(clip_bytes(50, container_format="matroska", gop=5), 0.7))
    plan = budgetfit.plan(path)
    assert len(plan.warnings) == 1
    assert len(plan.warnings[0].splitlines()) == 1
    assert main(["plan", str(path)]) == 0
    shown = "".join(capsys.readouterr())
    assert "ends after" in " ".join(shown.split())
    assert not ACTING & set(shown)


def test_a_report(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.mkv", 5)
    os.rename(tmp_path / "clip.mkv", tmp_path / NAME)
    budgetfit.plan(tmp_path / NAME, "<script>alert(2)</script>").report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(2)" in page
    assert not ACTING & set(page)
