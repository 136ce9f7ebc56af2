"""The same text is the same where it was typed on, scrolled or selected; another text is not."""

from __future__ import annotations

import numpy as np
import pytest

from budgetfit.information.strokes import stroke_maps
from budgetfit.information.text_similarity import text_similarity
from tests.information.screens import Luma, noise, page, scene


def shown(*lumas: Luma) -> np.ndarray:
    found: np.ndarray = text_similarity([stroke_maps(luma) for luma in lumas])
    return found


def test_itself_and_another_page() -> None:
    found = shown(page(1), page(2), scene(0))
    assert found.diagonal().tolist() == [1, 1, 0]
    assert found[0, 1] < 0.2
    assert not found[2].any()
    assert found[0, 2] < 0.05


def test_typing_adds_little() -> None:
    found = shown(page(1, num_lines=10), page(1, num_lines=12))
    assert found[0, 1] > 0.95
    assert found[1, 0] == pytest.approx(10 / 12, abs=0.08)


@pytest.mark.parametrize("shift", [33, 99, 360])
def test_what_was_scrolled_is_not_new(shift: int) -> None:
    long = page(3, height=1080)
    found = shown(long[:720], long[shift : shift + 720])
    assert found[0, 1] == pytest.approx(1 - shift / 720, abs=0.12)
    assert found[1, 0] == pytest.approx(1 - shift / 720, abs=0.12)


def test_a_pane_scrolls_beside_one_that_does_not() -> None:
    still, long = page(4, width=400), page(5, width=880, height=1080)
    before, after = (np.hstack([still, long[at : at + 720]]) for at in (0, 99))
    assert shown(before, after)[0, 1] > 0.7


def test_a_selected_line_is_still_there() -> None:
    selected = page(6).copy()
    selected[100:200] = 255 - selected[100:200]
    assert shown(page(6), selected)[0, 1] > 0.9


def test_a_faded_text_shows_little_of_it() -> None:
    faded = (0.3 * page(7) + 0.7 * 245).astype(np.uint8)
    found = shown(page(7), faded)
    assert found[0, 1] == pytest.approx(0.3, abs=0.1)
    # The sharp one shows all of the faded one.
    assert found[1, 0] > 0.9


def test_coding_noise_is_no_new_text() -> None:
    rng = np.random.default_rng(0)
    noisy = (page(8) + rng.normal(0, 6, (720, 1280))).clip(0, 255).astype(np.uint8)
    assert shown(page(8), noisy)[0, 1] > 0.85


def test_no_frame_has_text() -> None:
    assert not shown(noise(0), np.full((720, 1280), 16, np.uint8)).any()
    assert not text_similarity([(), ()]).any()
