"""SECURITY.md promises nothing that no test shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)

# What runs code that is in the data.
RUNS_DATA = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
PIPES = {
    "processes/worker.py",
    "processes/worker_process.py",
    "serving/worker.py",
    "serving/workers.py",
    # Writes one, to know its size.
    "serving/analyses.py",
}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{p}::{n}" for p, n in NAMED])
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 12
    assert [row for row in rows[1:] if "`tests/" not in row] == []


def test_every_limit_is_listed() -> None:
    from dataclasses import fields

    from budgetfit.video.limits import VideoLimits

    for page in (PAGE, (ROOT / "docs" / "hostile-media.md").read_text(encoding="utf-8")):
        for one in fields(VideoLimits):
            assert f"BUDGETFIT_{one.name.upper()}" in page


def test_nothing_read_from_outside_is_code() -> None:
    """Pickles go through the pipes of processes that the package itself started, and no others."""
    source = ROOT / "src" / "budgetfit"
    for path in source.rglob("*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name.partition(".")[0]
            for node in ast.walk(module)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom)
        }
        called = {ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)}
        place = path.relative_to(source).as_posix()
        assert not names & RUNS_DATA or place in PIPES, place
        assert not called & {"eval", "exec", "torch.load", "np.load", "numpy.load"}, place
