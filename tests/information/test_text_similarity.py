"""The same text is the same where it was typed on, scrolled or selected; another text is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.information.aspects import TEXT, text_share
from budgetfit.information.aspects import shown as shown_by_aspect
from budgetfit.information.looks import look_at
from budgetfit.information.similarity import thumbnail_shape
from budgetfit.information.strokes import stroke_area, stroke_maps
from budgetfit.information.text_similarity import text_similarity
from tests.information.screens import Luma, noise, page, scene

_LITTLE_TEXT = np.full((720, 1280), 245, np.uint8)
_LITTLE_TEXT[:20, :200] = page(9)[20:40, 100:300]
LUMAS = [
    page(1),
    page(1, num_lines=9),
    scene(0),
    page(2),
    _LITTLE_TEXT,
    page(3, height=1080)[99:819],
]


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


@settings(deadline=None, max_examples=20)
@given(st.lists(st.booleans(), min_size=6, max_size=6))
def test_moments_that_are_not_asked_for_change_no_other(asked: list[bool]) -> None:
    frames = [stroke_maps(luma) for luma in LUMAS]
    every = text_similarity(frames)
    some = text_similarity(frames, np.array(asked))
    assert some.tolist() == (every * np.array(asked)[:, None]).tolist()


def test_frames_with_too_little_text_to_plan_for_show_none() -> None:
    looks = [look_at(luma, thumbnail_shape(*luma.shape)) for luma in LUMAS]
    share = text_share(np.array([stroke_area(look.strokes) for look in looks]))
    assert 0 < sum(share == 0) < len(looks)
    expected = text_similarity([look.strokes for look in looks])
    expected[share == 0] = 0
    assert shown_by_aspect(looks)[TEXT].tolist() == expected.tolist()
