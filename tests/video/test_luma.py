from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from budgetfit.video.color import to_rgb
from budgetfit.video.luma import to_luma
from tests.video.test_color import BT2020, FULL, LIMITED, flat_frame
from tests.video.test_tone_mapping import pq_code, srgb

PLANAR = ["yuv420p", "yuv422p", "yuv444p", "yuv410p", "yuv440p"]


def luma_of(frame: av.VideoFrame) -> np.ndarray:
    return to_luma(frame, VideoReformatter())


@given(
    st.sampled_from(PLANAR),
    st.integers(16, 235),
    st.sampled_from([LIMITED, FULL]),
    st.tuples(st.integers(2, 70), st.integers(2, 70)),
)
def test_planes_are_read_with_their_padding_and_range(
    pix_fmt: str, code: int, color_range: int, size: tuple[int, int]
) -> None:
    frame = flat_frame([code, 90, 200], pix_fmt, *size, color_range=color_range)
    luma = luma_of(frame)
    expected = code if color_range == FULL else round((code - 16) * 255 / 219)
    assert luma.shape == (size[1], size[0])
    assert luma.dtype == np.uint8
    assert (luma == expected).all()


def test_every_limited_code_is_stretched_to_the_nearest_step() -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
    frame = av.VideoFrame(16, 16, "yuv444p")
    frame.color_range = LIMITED
    plane = frame.planes[0]
    padded = np.zeros((16, plane.line_size), np.uint8)
    padded[:, :16] = codes
    plane.update(padded.tobytes())
    exact = [Fraction(255 * (code - 16), 219) for code in range(256)]
    assert luma_of(frame).ravel().tolist() == [min(max(round(step), 0), 255) for step in exact]


def test_every_pixel_is_where_it_was() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (37, 51), np.uint8)
    frame = av.VideoFrame.from_ndarray(codes, "gray8")
    assert luma_of(frame).tolist() == codes.tolist()


@pytest.mark.parametrize("pix_fmt", ["nv12", "nv21", "yuyv422", "uyvy422", "p010le", "yuv420p16le"])
def test_other_layouts_agree_with_planes(pix_fmt: str) -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(16, 236, (32, 64), np.uint8)
    planar = av.VideoFrame.from_ndarray(codes, "gray8").reformat(
        format="yuv422p", src_color_range=LIMITED, dst_color_range=LIMITED
    )
    other = planar.reformat(format=pix_fmt, src_color_range=LIMITED, dst_color_range=LIMITED)
    planar.color_range = other.color_range = LIMITED
    assert np.abs(luma_of(other).astype(int) - luma_of(planar)).max() <= 2


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_deep_luma(bits: int) -> None:
    unit = 2 ** (bits - 8)
    pix_fmt = f"yuv420p{bits}le"
    for code, expected in ((16, 0), (126, 128), (235, 255), (5, 0), (250, 255)):
        frame = flat_frame([code * unit, 128 * unit, 128 * unit], pix_fmt, color_range=LIMITED)
        assert luma_of(frame)[3, 3] == expected


def test_hdr_luma_looks_as_the_tone_mapped_picture() -> None:
    code = round(64 + 876 * pq_code(100) / 65535)
    tags = {"colorspace": BT2020, "color_range": LIMITED, "color_trc": 16}
    frame = flat_frame([code, 512, 512], "yuv420p10le", **tags)
    assert int(luma_of(frame)[0, 0]) == pytest.approx(srgb(100 / 203), abs=2)


@pytest.mark.parametrize("pix_fmt", ["rgb24", "gbrp", "bgr0", "rgba", "rgb48le"])
def test_rgb_becomes_full_range_grey(pix_fmt: str) -> None:
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[:, 20:] = 255
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)
    luma = luma_of(frame)
    assert luma[:, :20].max() <= 1
    assert luma[:, 20:].min() >= 254


@pytest.mark.parametrize("pix_fmt", ["rgba", "bgra", "gbrap", "yuva444p", "ya8"])
@pytest.mark.parametrize("width", [1, 37, 64])
@pytest.mark.parametrize("least_alpha", [0, 254, 255])
def test_transparent_formats_are_as_grey_as_their_pictures(
    pix_fmt: str, width: int, least_alpha: int
) -> None:
    rng = np.random.default_rng(width)
    pixels = rng.integers(0, 256, (23, width, 4), np.uint8)
    pixels[..., 3] = 255
    # One pixel in the last place is enough.
    pixels[-1, -1, 3] = least_alpha
    frame = av.VideoFrame.from_ndarray(pixels, "rgba").reformat(format=pix_fmt)
    rgba = Image.fromarray(frame.reformat(format="rgba").to_ndarray())
    if pix_fmt in {"rgba", "bgra", "gbrap"}:
        assert (np.asarray(rgba) == pixels).all()
    on_white = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    picture = to_rgb(frame, VideoReformatter())
    assert (luma_of(frame) == np.asarray(picture.convert("L"))).all()
    if frame.format.is_rgb:
        assert (np.asarray(picture) == np.asarray(on_white.convert("RGB"))).all()


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((2048, 16), (16, 2048)),
        ((2050, 16), (8, 1025)),
        ((16, 4100), (1367, 6)),
        ((3840, 30), (15, 1920)),
    ],
)
def test_long_sides_are_reduced_by_whole_factors(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    frame = flat_frame([100, 128, 128], "yuv420p", *size, color_range=FULL)
    luma = luma_of(frame)
    assert luma.shape == shape
    assert (luma == 100).all()
