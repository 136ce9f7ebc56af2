"""Text has strokes; noise, leaves, stripes and scenes have none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.information.strokes import BLOCK, StrokeMap, stroke_area, stroke_maps
from tests.information.screens import Luma, leaves, noise, page, scene, slats


def area(luma: Luma) -> float:
    return stroke_area(stroke_maps(luma))


def mean_width(luma: Luma) -> float:
    return float(np.concatenate([m.stroke_width for m in stroke_maps(luma)]).mean())


@pytest.mark.parametrize("font_size", [11, 16, 22, 40])
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_has_strokes(font_size: int, dark: bool) -> None:
    assert area(page(1, font_size=font_size, dark=dark)) > 0.1


@pytest.mark.parametrize(
    "luma",
    [
        noise(0),
        leaves(0),
        scene(0),
        np.full((720, 1280), 16, np.uint8),
        *[slats(slope) for slope in (0.0, 0.2, 0.5, np.pi / 4, 1.2, np.pi / 2)],
    ],
    ids=lambda luma: f"mean {luma.mean():.0f}",
)
def test_texture_is_no_text(luma: Luma) -> None:
    assert area(luma) < 0.004


def test_more_lines_have_more_strokes() -> None:
    areas = [area(page(2, num_lines=number)) for number in (0, 2, 6, 18)]
    assert areas[0] == 0
    assert areas == sorted(areas)
    assert areas[2] == pytest.approx(3 * areas[1], rel=0.3)


def test_strokes_are_as_wide_as_the_letters_are_large() -> None:
    small, large = (mean_width(page(3, font_size=size)) for size in (14, 28))
    assert large == pytest.approx(2 * small, rel=0.25)


def test_a_text_is_in_one_map_alone() -> None:
    fine, coarse = stroke_maps(page(4, font_size=22))
    doubled = np.kron(coarse.is_stroke, np.ones((2, 2), dtype=bool))
    rows, columns = doubled.shape
    assert not (doubled & fine.is_stroke[:rows, :columns]).any()


def test_ink_does_not_depend_on_which_side_is_dark() -> None:
    light = page(5)
    assert len(stroke_maps(light)) == 2
    for one, other in zip(stroke_maps(light), stroke_maps(255 - light), strict=True):
        # Pixels exactly at the middle of a block's range change sides.
        assert np.bitwise_count(one.ink ^ other.ink).sum() < 0.01 * one.ink.size * 16
        assert (one.is_stroke != other.is_stroke).mean() < 0.01


def test_ink_is_the_rarer_side_of_pixels() -> None:
    luma = page(6)
    strokes = stroke_maps(luma)[0]
    row, column = np.argwhere(strokes.is_stroke)[0]
    pixels = luma[row * BLOCK :, column * BLOCK :][:BLOCK, :BLOCK]
    middle = (int(pixels.min()) + int(pixels.max())) // 2
    dark = pixels <= middle
    assert dark.mean() < 0.5
    bits = [
        [int(word) >> (BLOCK - 1 - place) & 1 for place in range(BLOCK)]
        for word in strokes.ink[row, :, column]
    ]
    assert bits == dark.astype(int).tolist()


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_any_size_can_be_looked_at(rows: int, columns: int, seed: int) -> None:
    luma = np.random.default_rng(seed).choice(np.array([0, 255], np.uint8), (rows, columns))
    maps = stroke_maps(luma)
    assert len(maps) in {0, sum(min(rows, columns) // size >= BLOCK for size in (1, 2))}
    assert 0 <= stroke_area(maps) <= 1
    for strokes in maps:
        check(strokes)


def check(strokes: StrokeMap) -> None:
    assert len(strokes.stroke_width) == strokes.is_stroke.sum()
    assert (strokes.stroke_width > 0).all()
    assert strokes.is_stroke.shape == strokes.contrast.shape


def looks_like_letters(block: Luma) -> bool:
    """Say of one block what the module's docstring says, in whole numbers and without NumPy."""
    low, high = int(block.min()), int(block.max())
    contrast = high - low
    if contrast < 40:
        return False
    above = (block.astype(int) - low).tolist()
    every = [pixel for row in above for pixel in row]
    between = sum(contrast // 4 <= pixel <= contrast // 4 + contrast // 2 for pixel in every)
    dark = sum(pixel <= contrast // 8 for pixel in every)
    light = sum(pixel >= contrast - contrast // 8 for pixel in every)
    ink = [[pixel > contrast // 2 for pixel in row] for row in above]
    last = BLOCK - 1
    changes = {
        (down, right): sum(
            ink[row][column] != ink[row + down][column + right]
            for row in range(BLOCK - down)
            for column in range(max(0, -right), last if right > 0 else BLOCK)
        )
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1))
    }
    along_row, along_column, falling, rising = changes.values()
    straight = (along_row - along_column) / max(along_row + along_column, 1)
    slanted = (falling - rising) / max(falling + rising, 1)
    return (
        between < 0.35 * BLOCK**2
        and max(dark, light) > 0.35 * BLOCK**2
        and along_row > 1.25 * BLOCK
        and along_column > BLOCK
        and math.hypot(straight, slanted) < 0.5
    )


@st.composite
def part_of_a_screen(draw: st.DrawFn) -> Luma:
    """Draw letters over a shade, with noise, so that blocks pass some tests and fail others."""
    rows, columns = draw(st.integers(16, 70)), draw(st.integers(16, 120))
    top, left = draw(st.integers(0, 500)), draw(st.integers(0, 300))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    strength = draw(st.sampled_from([0.15, 0.5, 1.0]))
    luma = strength * page(draw(st.integers(0, 3)))[top : top + rows, left : left + columns]
    luma += draw(st.floats(0, 2)) * np.arange(columns) + random.normal(0, draw(st.integers(0, 20)))
    return (luma + random.normal(0, draw(st.integers(0, 20)), luma.shape)).clip(0, 255).astype("u1")


@settings(deadline=None)
@given(part_of_a_screen())
def test_blocks_are_told_as_one_by_one(luma: Luma) -> None:
    rows, columns = (side // BLOCK for side in luma.shape)
    alike = [
        [
            looks_like_letters(luma[BLOCK * row :, BLOCK * column :][:BLOCK, :BLOCK])
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    expected = [
        [
            alike[row][column] and sum(alike[row][max(0, column - 2) : column + 3]) >= 3
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    maps = stroke_maps(luma)
    found = maps[0].is_stroke.tolist() if maps else [[False] * columns] * rows
    assert found == expected


def test_many_blocks_are_told_as_few() -> None:
    # More blocks than are looked at together, each with letters.
    tall = np.tile(page(7)[:160], (12, 2))
    whole = stroke_maps(tall)[0].is_stroke
    assert whole.size > 2 * 2048
    for row in range(0, len(whole), 10):
        part = stroke_maps(tall[BLOCK * row : BLOCK * (row + 10)])[0].is_stroke
        assert part.tolist() == whole[row : row + 10].tolist()
