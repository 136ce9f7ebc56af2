"""The second judge reads a rendered page at full size, and nothing of it at a tenth."""

from __future__ import annotations

import pytest
from benchmarks.information.reading import Reader
from benchmarks.information.words import read_flags, split_words
from PIL import Image, ImageDraw, ImageFont

LINES = [
    "Planning which frames to send",
    "within a budget of tokens",
    "is a facility location problem",
    "with a knapsack constraint",
]

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def page() -> Image.Image:
    image = Image.new("RGB", (960, 540), "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(LINES):
        draw.text((60, 60 + 100 * row), line, "black", ImageFont.load_default(32))
    return image


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def share_read(reader: Reader, image: Image.Image) -> float:
    lines = reader.lines(image)
    assert all(0 <= line.confidence <= 1 for line in lines)
    return float(read_flags(split_words(LINES), split_words(line.text for line in lines)).mean())


def test_a_page_is_read_at_full_size_and_not_at_a_tenth(page: Image.Image, reader: Reader) -> None:
    assert share_read(reader, page) == 1.0
    assert share_read(reader, page.resize((480, 270), Image.Resampling.LANCZOS)) > 0.8
    assert share_read(reader, page.resize((96, 54), Image.Resampling.LANCZOS)) == 0.0


def test_nothing_is_read_from_a_blank_page(page: Image.Image, reader: Reader) -> None:
    assert reader.lines(Image.new("RGB", page.size, "white")) == ()
