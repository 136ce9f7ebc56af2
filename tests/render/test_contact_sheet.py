from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from budgetfit.render.contact_sheet import contact_sheet, plan_section
from budgetfit.render.sheet import MAX_HEIGHT, MAX_WIDTH, draw_sheet
from tests.render.plans import SHEETS, make_plan, make_sheet_plan, noise, plain

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


def places(sheet: Pixels, picture: Pixels) -> list[tuple[int, int]]:
    """Where ``picture`` is on the sheet pixel for pixel: (bottom row, left column)."""
    height, width = picture.shape[:2]
    found = (sheet == picture[0, 0]).all(axis=2)
    return [
        (row + height, column)
        for row, column in np.argwhere(found).tolist()
        if np.array_equal(sheet[row : row + height, column : column + width], picture)
    ]


def box(sheet: Pixels, color: tuple[int, int, int]) -> Box:
    """Rows and columns, (first, last + 1), of everything in this colour."""
    rows, columns = np.nonzero((sheet == color).all(axis=2))
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


sides = st.integers(1, 24).map(lambda patches: 16 * patches)


@settings(max_examples=20)
@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=20))
def test_every_picture_is_there_in_reading_order(sizes: list[tuple[int, int]]) -> None:
    images = [noise(*size, seed) for seed, size in enumerate(sizes)]
    sheet = np.asarray(contact_sheet(make_plan(sizes), images))
    assert sheet.shape[0] <= MAX_HEIGHT
    assert sheet.shape[1] <= MAX_WIDTH
    area = sum(width * height for width, height in sizes)
    if area < 1_000_000:
        found = [places(sheet, np.asarray(image)) for image in images]
        assert [len(place) for place in found] == [1] * len(images)
        order = [place[0] for place in found]
        assert order == sorted(order)


@pytest.mark.parametrize(
    ("sizes", "reduced"),
    [
        ([(512, 896), (512, 896)], False),
        ([(112, 64)], False),
        ([(1024, 1024)] * 9, True),
        ([(1024, 64), (64, 1024)] * 8, True),
        ([(16, 16)] * 40, False),
    ],
)
def test_all_pictures_share_one_factor(sizes: list[tuple[int, int]], reduced: bool) -> None:
    images = [plain(*size, seed) for seed, size in enumerate(sizes)]
    image = contact_sheet(make_plan(sizes), images)
    assert image.mode == "RGB"
    sheet = np.asarray(image)
    assert sheet.shape[0] <= MAX_HEIGHT
    assert sheet.shape[1] <= MAX_WIDTH
    boxes = [box(sheet, picture.getpixel((0, 0))) for picture in images]  # type: ignore[arg-type]
    top, bottom, left, right = boxes[0]
    factor = max(right - left, bottom - top) / max(sizes[0])
    assert (factor < 1) is reduced
    for (width, height), (top, bottom, left, right) in zip(sizes, boxes, strict=True):
        assert right - left == pytest.approx(factor * width, abs=1.1)
        assert bottom - top == pytest.approx(factor * height, abs=1.1)


def test_pictures_keep_apart() -> None:
    sizes = [(320, 176), (160, 96), (96, 160), (16, 16)] * 5
    images = [plain(*size, seed) for seed, size in enumerate(sizes)]
    sheet = np.asarray(contact_sheet(make_plan(sizes), images))
    boxes = [box(sheet, picture.getpixel((0, 0))) for picture in images]  # type: ignore[arg-type]
    for index, (top, bottom, left, right) in enumerate(boxes):
        for other_top, other_bottom, other_left, other_right in boxes[:index]:
            beside = left >= other_right + 20 or other_left >= right + 20
            # Two lines of caption lie between rows.
            below = top >= other_bottom + 40 or other_top >= bottom + 40
            assert beside or below


def test_the_bar_shows_what_is_left() -> None:
    empty, full = (
        np.asarray(contact_sheet(make_plan([(64, 64)], unused=unused), [noise(64, 64, 0)]))
        for unused in (10_000, 0)
    )
    difference = np.nonzero((empty != full).any(axis=2))
    # The words on the sheet differ too; the bar is the long run of one colour that differs.
    rows, counts = np.unique(difference[0], return_counts=True)
    assert counts.max() > 0.9 * (empty.shape[1] - 80)
    assert (counts > 0.9 * (empty.shape[1] - 80)).sum() == 14
    assert rows.size > 14


def test_captions_and_headings_are_the_plans() -> None:
    plan = make_plan([(64, 48), (32, 32)], path="x/name [of] clip.mp4", unused=5)
    section = plan_section(plan, [noise(64, 48, 0), noise(32, 32, 1)])
    assert section.title == "name [of] clip.mp4"
    assert [tile.captions for tile in section.tiles] == [
        ("0.00 s", "64x48, 15 tokens"),
        ("0.50 s", "32x32, 6 tokens"),
    ]
    assert section.lines == (
        "90.0% of the video, proved within 1.10% of the best possible (lagrangian bound)",
        "28 of 33 prompt tokens used",
    )


def test_a_plans_sheets_are_pictures_of_their_own() -> None:
    plan = make_sheet_plan(SHEETS)
    images = [noise(p.width, p.height, seed) for seed, p in enumerate(plan.pictures)]
    assert [tile.captions for tile in plan_section(plan, images).tiles] == [
        ("3x2 tiles, 0.00 s to 2.50 s", "336x128, 176 tokens"),
        ("2x2 tiles, 3.00 s to 4.50 s", "320x192, 252 tokens"),
        ("5.00 s", "64x48, 15 tokens"),
    ]
    sheet = np.asarray(contact_sheet(plan, images))
    assert [len(places(sheet, np.asarray(image))) for image in images] == [1, 1, 1]


def test_a_long_name_stays_on_the_sheet() -> None:
    sizes = [(64, 64)]
    short = contact_sheet(make_plan(sizes), [noise(64, 64, 0)])
    long = contact_sheet(make_plan(sizes, path=f"{'very long name ' * 20}.mp4"), [noise(64, 64, 0)])
    assert long.size == short.size
    margin = np.asarray(long)[:, -40:]
    assert (margin == margin[0, 0]).all()


def test_sections_share_the_scale_asked_for() -> None:
    plans = [make_plan([(320, 176)]), make_plan([(160, 96)])]
    images = [plain(320, 176, 0), plain(160, 96, 1)]
    sections = [plan_section(plan, [image]) for plan, image in zip(plans, images, strict=True)]
    sheet = np.asarray(draw_sheet(sections, scale=0.5))
    for image in images:
        top, bottom, left, right = box(sheet, image.getpixel((0, 0)))  # type: ignore[arg-type]
        assert (right - left, bottom - top) == (image.width // 2, image.height // 2)


def test_the_pictures_must_be_the_plans() -> None:
    with pytest.raises(ValueError, match="shorter"):
        contact_sheet(make_plan([(64, 64), (64, 64)]), [Image.new("RGB", (64, 64))])
