"""One folder for each shape, and mistral-common's own tokenizer beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_folders.shapes import SHAPES, write_model


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {name: write_model(root / name, shape) for name, shape in SHAPES.items()}


@pytest.fixture(params=SHAPES)
def folder(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Path:
    found: Path = folders[request.param]
    return found
