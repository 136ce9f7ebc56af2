"""Tables as Markdown, printed and written."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.reports import Table, markdown, publish

TABLE = Table("Numbers", ("name", "value"), [["one", "1"], ["two", "2"]])


def test_markdown_has_a_row_for_each_row() -> None:
    assert markdown(TABLE) == "| name | value |\n| --- | ---: |\n| one | 1 |\n| two | 2 |\n"


def test_published_is_printed_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new" / "numbers.md"
    publish(target, "All numbers", ["Some text [with] brackets."], [TABLE])
    printed = capsys.readouterr().out
    written = target.read_text(encoding="utf-8")
    for text in ("Some text [with] brackets.", "Numbers", "one", "two"):
        assert text in printed
        assert text in written
    assert written.startswith("# All numbers\n\n")
