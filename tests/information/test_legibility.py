"""Small letters need large pictures."""

from __future__ import annotations

import numpy as np
import pytest

from budgetfit.information.legibility import READABLE_WIDTH, legibility
from budgetfit.information.strokes import stroke_maps
from tests.information.screens import page, scene

SCALES = [(s, s) for s in np.geomspace(0.05, 1.0, 40)]


def half_read(font_size: int) -> float:
    """The scale at which half of a page can be read."""
    kept = legibility([stroke_maps(page(1, font_size=font_size))], SCALES)[0]
    return float(np.interp(0.5, kept, [scale for scale, _ in SCALES]))


def test_half_the_letters_take_twice_the_scale() -> None:
    assert half_read(12) == pytest.approx(2 * half_read(24), rel=0.25)


def test_a_letter_is_lost_below_and_kept_above_a_width() -> None:
    maps = stroke_maps(page(1))
    width = float(np.median(maps[0].stroke_width))
    scales = [(factor * READABLE_WIDTH / width,) * 2 for factor in (0.6, 1.6)]
    lost, kept = legibility([maps[:1]], [(x, y) for x, y in scales])[0]
    assert lost < 0.1
    assert kept > 0.9


def test_shares_rise_with_the_level_and_nothing_is_kept_of_no_text() -> None:
    found = legibility([stroke_maps(page(2)), stroke_maps(scene(0)), ()], SCALES)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found, axis=1) >= 0).all()
    assert found[0, -1] > 0.95
    assert not found[1:].any()
