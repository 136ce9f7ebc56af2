"""Pictures on a page keep their relative sizes, and the page stays small."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from budgetfit.report.numbers import percent_up
from budgetfit.report.pictures import page_images

SIZES = st.lists(st.tuples(st.integers(16, 400), st.integers(16, 400)), max_size=6)


@given(SIZES, st.integers(1000, 200_000))
def test_all_are_reduced_by_one_factor(sizes: list[tuple[int, int]], max_pixels: int) -> None:
    shown, factor = page_images([Image.new("RGB", size) for size in sizes], max_pixels)
    assert 0 < factor <= 1
    for image, (width, height) in zip(shown, sizes, strict=True):
        assert image.width == pytest.approx(width * factor, abs=1)
        assert image.height == pytest.approx(height * factor, abs=1)
    pixels = sum(width * height for width, height in sizes)
    assert (factor == 1) is (pixels <= max_pixels)
    assert sum(width * factor * height * factor for width, height in sizes) <= max_pixels * 1.0001


def test_a_picture_is_a_jpeg_in_a_url() -> None:
    ((image,), factor) = page_images([Image.new("RGB", (48, 32), (200, 30, 40))])
    assert factor == 1
    header, _, data = image.url.partition(",")
    assert header == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as decoded:
        assert (decoded.format, decoded.size) == ("JPEG", (48, 32))
        red, green, blue = decoded.getpixel((24, 16))  # type: ignore[misc]
    assert (abs(red - 200), abs(green - 30), abs(blue - 40)) < (6, 6, 6)


@given(st.floats(0, 1))
def test_a_bound_in_words_is_a_bound(share: float) -> None:
    said = float(percent_up(share).rstrip("%")) / 100
    assert said >= share - 1e-9
    assert said <= share + 0.00101
