"""Notebooks are committed as they are written: the site executes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_carries_no_outputs_and_no_absolute_paths(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    book: dict[str, Any] = json.loads(text)
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            compile("".join(cell["source"]), path.name, "exec")
    # Weights stand at /models wherever they are spoken of.
    strings = re.findall(r"""["'`](/[^"'`\\]*)""", text)
    assert [string for string in strings if not string.startswith("/models/")] == []
    assert "/home/" not in text
    assert book["metadata"].keys() == {"kernelspec", "language_info"}
