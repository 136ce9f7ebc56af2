"""Every code block of README.md and docs/ runs, or is checked where it cannot be run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from budgetfit.cli import main
from budgetfit.engines.length_errors import is_length_error
from tests.docs.pages import PAGES, examples, lay_out, needs_engine

# A page whose blocks all need an engine is left to tests/engines/test_pages.py.
WITH_CODE = [
    name
    for name, path in PAGES.items()
    if any(not needs_engine(example.parsed) for example in examples(path))
]


@pytest.mark.parametrize("name", WITH_CODE)
def test_code_runs(
    name: str,
    package_clips: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(name, tmp_path, package_clips)
    for example in examples(PAGES[name]):
        example.namespace["capture"] = capfd.readouterr
        if not needs_engine(example.parsed):
            example.evaluate()


def test_a_wrong_page_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = {
        "python": "import budgetfit.no_such_module",
        "sh": "make no-such-target",
        "": "pip install '.[no-such-extra]'",
        "json": '"a": 1,',
        "console": "$ budgetfit plan no-such.mp4\nbudgetfit: error: no such words",
    }
    for language, source in wrong.items():
        page = tmp_path / "page.md"
        page.write_text(f"```{language}\n{source}\n```\n", encoding="utf-8")
        (example,) = examples(page)
        example.namespace["capture"] = capfd.readouterr
        with pytest.raises((AssertionError, ImportError, ValueError)):
            example.evaluate()


@pytest.mark.parametrize("command", ["plan", "run", "run-many"])
def test_every_option_is_on_the_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    names = {"docs/command-line.md"} | {name for name in PAGES if name == f"docs/{command}.md"}
    pages = "".join(PAGES[name].read_text(encoding="utf-8") for name in names)
    assert len(options) > 20
    assert options - set(re.findall(r"--[a-z-]+", pages)) == set()


def test_the_refusals_that_the_questions_list_are_recognized() -> None:
    page = PAGES["docs/faq.md"].read_text(encoding="utf-8")
    section = page.partition("## The engine refuses the prompt's length")[2].partition("\n#")[0]
    messages = re.findall(r"^- `(.+)`$", section, re.MULTILINE)
    assert len(messages) == 9
    assert [message for message in messages if not is_length_error(message)] == []


def test_the_commands_that_tables_name_exist() -> None:
    makefile = (PAGES["README.md"].parent / "Makefile").read_text(encoding="utf-8")
    for name, path in PAGES.items():
        for target in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8")):
            assert f"\n{target}:" in makefile, f"{name}: make {target}"
