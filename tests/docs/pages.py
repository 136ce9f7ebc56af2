"""The code blocks of README.md and docs/, as Sybil finds and evaluates them."""

from __future__ import annotations

import contextlib
import glob
import io
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from budgetfit.cli import main
from tests.docs.played_twice import play_twice
from tiny_pixtral import TinyShape, write_tiny_pixtral

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}

# The pages that say which clip clip.mp4 is; on the others it is 20 seconds with cuts.
CLIPS = {"docs/when-nothing-fits.md": "bigbuckbunny"}

# Commands that are looked at and not run, each with the reason.
ONLY_CHECKED = {
    "make": "targets build environments of gigabytes; here they must exist",
    "pip": "it would change the environment that runs the tests; here its extras must exist",
    "vllm": "it would serve weights that nobody has here; vLLM's parser must take its options",
}

# These need vLLM, a server or torch: tests/engines/test_pages.py.
_NEEDS_ENGINE = re.compile(
    r"\b((Async)?VLLMEngine|vLLMEngineProcessorConfig|(Async)?OpenAIEngine|OpenAI|Embedder"
    r"|PixtralPromptUpsampler|read_journal|budgetfit run|vllm serve)\b"
)

# What a shell sets for one command.
_ASSIGNMENT = re.compile(r"[A-Z_]+=")

# A directive, such as {toctree}, has braces and is none.
_LANGUAGE = re.compile(r"(?P<language>[a-z]*)$\n", re.MULTILINE)
_LEXER = RawFencedCodeBlockLexer(_LANGUAGE)


def lay_out(name: str, folder: Path, clips: dict[str, Path]) -> None:
    """Put into a folder what the page of that name speaks of."""
    if name in CLIPS:
        shutil.copyfile(clips[CLIPS[name]], folder / "clip.mp4")
    else:
        play_twice(clips["bikes"], folder / "clip.mp4")
    if name == "docs/models.md":
        shape = TinyShape(14, 1540, 2, "v7", num_words=3000)
        write_tiny_pixtral(folder / "Mistral-Small-3.1", shape)
    if name == "docs/run-many.md":
        jobs = PAGES[name].read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
        (folder / "jobs.jsonl").write_text(jobs, encoding="utf-8")
    lines = (f"[{number:03d}] The door is opened by somebody else." for number in range(260))
    (folder / "transcript.txt").write_text("\n".join(lines), encoding="utf-8")


def needs_engine(source: str) -> bool:
    """Tell whether code asks a model."""
    return _NEEDS_ENGINE.search(source) is not None


def examples(path: Path) -> list[Example]:
    """Return the code blocks of a page in their order; those in Python share their names."""
    document = Sybil(parsers=[_blocks]).parse(path)
    # What a first block imports, where that block needs an engine.
    import budgetfit

    document.namespace.update(__name__="__main__", budgetfit=budgetfit)
    return list(document.examples())


def commands(source: str) -> Iterator[list[str]]:
    """Yield the words of each command of a block, ``*`` as a shell takes it."""
    for line in source.splitlines():
        words = shlex.split(line, comments=True)
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        if words:
            yield [
                name
                for word in words
                for name in ((glob.glob(word) if "*" in word else None) or [word])
            ]


def _blocks(document: Document) -> Iterable[Region]:
    for region in _LEXER(document):
        region.parsed = region.lexemes["source"]
        region.evaluator = _EVALUATORS[region.lexemes["language"]]
        yield region


def _run_commands(example: Example) -> None:
    for words in commands(example.parsed):
        _check_command(words)


def _run_session(example: Example) -> None:
    """Run the commands after ``$`` and compare what they print, errors included."""
    capture: Callable[[], tuple[str, str]] = example.namespace["capture"]
    for part in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "budgetfit", command
        main(arguments)
        printed = "".join(capture())
        assert printed == expected, f"{command} prints:\n{printed}"


def _check_command(words: list[str]) -> None:
    program, *arguments = words
    if words[:2] == ["budgetfit", "serve"]:
        _check_serve(arguments)
        return
    if program == "budgetfit":
        assert main(arguments) == 0, words
        return
    assert program in ONLY_CHECKED, words
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in arguments:
            assert f"\n{target}:" in makefile, target
    if program == "pip":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        action, what = arguments
        extras = re.findall(r"\[([\w-]+)\]", what)
        assert action == "install"
        assert set(extras) <= project["optional-dependencies"].keys(), words


def _check_serve(arguments: list[str]) -> None:
    """Check its options: it would serve until it is stopped."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(["serve", "--help"]) == 0
    assert {word for word in arguments if word.startswith("--")} <= set(said.getvalue().split())


def _check_json(example: Example) -> None:
    """Check that it is JSON, the members of an object, or one object a line."""
    text = example.parsed.strip()
    if text.startswith('{"'):
        for line in text.splitlines():
            json.loads(line)
    else:
        json.loads(text if text.startswith(("{", "[")) else f"{{{text}}}")


_EVALUATORS: dict[str, Any] = {
    "python": PythonEvaluator(),
    "": _run_commands,
    "sh": _run_commands,
    "console": _run_session,
    "json": _check_json,
}
