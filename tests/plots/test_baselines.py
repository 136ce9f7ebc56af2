"""Plots look as they did: compared with the pictures in ``baseline/``.

Where a change is meant, draw them again and look at them: ``drawings.py`` says how.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from PIL import Image

from tests.plots.drawings import BASELINE, DRAWINGS, save

# Root mean square over all channels, of 255. Other releases of FreeType move the edges of letters,
# which is below it; a label of four letters that is missing is above.
TOLERANCE = 3.0


@pytest.mark.parametrize("name", DRAWINGS)
def test_looks_as_it_did(name: str, tmp_path: Path) -> None:
    path = save(name, tmp_path)
    assert compare_images(str(BASELINE / f"{name}.png"), str(path), TOLERANCE) is None


def test_a_missing_label_is_found_out(tmp_path: Path) -> None:
    path = save("tokens_few", tmp_path)
    pixels = np.asarray(Image.open(path).convert("RGB")).copy()
    rows = np.flatnonzero(np.any(pixels[:120] < 128, axis=(1, 2)))
    # The title, written over in white.
    pixels[rows[0] : rows[0] + 12] = 255
    Image.fromarray(pixels).save(path)
    assert compare_images(str(BASELINE / "tokens_few.png"), str(path), TOLERANCE) is not None


def test_no_baseline_is_left_over() -> None:
    assert sorted(path.stem for path in BASELINE.glob("*.png")) == sorted(DRAWINGS)


def test_baselines_are_small() -> None:
    assert sum(path.stat().st_size for path in BASELINE.glob("*.png")) < 600_000
