from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from PIL import Image

from budgetfit.video.color import has_alpha, hdr_transfer, to_rgb
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes
from tests.video.test_tone_mapping import pq_code, srgb

BT601, BT709, BT2020 = 5, 1, 9
LIMITED, FULL = 1, 2
WEIGHTS = {BT601: (0.299, 0.114), BT709: (0.2126, 0.0722), BT2020: (0.2627, 0.0593)}
COLORS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (250, 190, 30), (20, 30, 40), (200, 200, 200)]


def yuv_codes(rgb: Any, matrix: int, color_range: int, bits: int) -> list[int]:
    """Encode R'G'B' in [0, 1] by the formulas of ITU-R BT.601, BT.709 and BT.2020."""
    kr, kb = WEIGHTS[matrix]
    r, g, b = rgb
    y = kr * r + (1 - kr - kb) * g + kb * b
    pb, pr = (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)
    unit = 2 ** (bits - 8)
    if color_range == LIMITED:
        return [round(unit * v) for v in (16 + 219 * y, 128 + 224 * pb, 128 + 224 * pr)]
    top = 2**bits - 1
    return [min(round(v), top) for v in (top * y, 128 * unit + top * pb, 128 * unit + top * pr)]


def flat_frame(
    codes: list[int], pix_fmt: str, width: int = 64, height: int = 48, **tags: int
) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, pix_fmt)
    for plane, code in zip(frame.planes, codes, strict=True):
        dtype = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
        plane.update(np.full(plane.buffer_size // dtype().itemsize, code, dtype).tobytes())
    for name, value in tags.items():
        setattr(frame, name, value)
    return frame


def color_of(frame: av.VideoFrame) -> list[int]:
    pixels = np.asarray(to_rgb(frame, VideoReformatter()))
    assert pixels.shape == (frame.height, frame.width, 3)
    assert pixels.min(axis=(0, 1)) == pytest.approx(pixels.max(axis=(0, 1)), abs=1)
    return [int(v) for v in pixels[20, 30]]


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p12le"])
def test_tagged_matrix_and_range(
    color: tuple[int, int, int], matrix: int, color_range: int, pix_fmt: str
) -> None:
    bits = int(pix_fmt.partition("p")[2].removesuffix("le") or 8)
    codes = yuv_codes(np.array(color) / 255, matrix, color_range, bits)
    frame = flat_frame(codes, pix_fmt, colorspace=matrix, color_range=color_range)
    assert color_of(frame) == pytest.approx(color, abs=3)


@pytest.mark.parametrize(("height", "matrix"), [(480, BT601), (718, BT601), (720, BT709)])
def test_untagged_matrix_goes_by_height(height: int, matrix: int) -> None:
    codes = yuv_codes(np.array([0.9, 0.2, 0.1]), matrix, LIMITED, 8)
    frame = flat_frame(codes, "yuv420p", width=64, height=height)
    assert color_of(frame) == pytest.approx([230, 51, 26], abs=3)


def test_untagged_jpeg_formats_are_full_range() -> None:
    codes = yuv_codes(np.array([1.0, 1.0, 1.0]), BT601, FULL, 8)
    assert color_of(flat_frame(codes, "yuvj420p")) == [255, 255, 255]


@pytest.mark.parametrize(
    ("pix_fmt", "expected"),
    [("rgb24", 190), ("bgr0", 190), ("gbrp", 190), ("gray", 190), ("rgb48le", 190)],
)
def test_rgb_and_grey_stay(pix_fmt: str, expected: int) -> None:
    rgb = np.full((48, 64, 3), expected, np.uint8)
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt, dst_color_range=FULL)
    if pix_fmt == "gray":
        frame.color_range = FULL
    assert color_of(frame) == pytest.approx([expected] * 3, abs=1)


@pytest.mark.parametrize("pix_fmt", ["rgba", "bgra", "gbrap", "yuva420p", "ya8"])
def test_transparency_is_put_on_white(pix_fmt: str) -> None:
    grey = np.zeros((48, 64, 4), np.uint8)
    grey[..., 3] = 128
    frame = av.VideoFrame.from_ndarray(grey, "rgba").reformat(format=pix_fmt)
    assert has_alpha(frame)
    assert color_of(frame) == pytest.approx([127] * 3, abs=3)


@pytest.mark.parametrize("nits", [10, 100, 150])
def test_pq_is_tone_mapped_through_the_whole_path(nits: float) -> None:
    code = pq_code(nits) / 65535
    codes = yuv_codes(np.array([code] * 3), BT2020, LIMITED, 10)
    tags = {"colorspace": BT2020, "color_range": LIMITED, "color_trc": 16}
    frame = flat_frame(codes, "yuv420p10le", **tags)
    assert hdr_transfer(frame) == "pq"
    assert color_of(frame) == pytest.approx([srgb(nits / 203)] * 3, abs=2)


@pytest.mark.parametrize("color_trc", [16, 18])
def test_an_hdr_clip(color_trc: int) -> None:
    colors = {
        "colorspace": BT2020, "color_range": LIMITED, "color_trc": color_trc, "color_primaries": 9,
    }  # fmt: skip
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)
    picture = np.broadcast_to(ramp[None, :, None], (48, 64, 3))
    clip = clip_bytes(
        [picture] * 2, codec="libx265", pix_fmt="yuv420p10le", colors=colors,
        codec_options={"x265-params": "log-level=none:crf=10"},
    )  # fmt: skip
    with open_source(clip) as source:
        candidate = next(iter(source.sample(2)))
        (image,) = source.decode([candidate.pts], [(64, 48)])
    decoded = np.asarray(image.convert("L"), int)
    assert np.abs(decoded - candidate.luma).max() <= 4
    row = decoded.mean(axis=0)
    assert row[0] <= 2
    assert row[-1] >= 253
    assert (np.diff(row) >= -2).all()


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("colorspace", [BT601, BT709])
def test_agrees_with_another_conversion(pix_fmt: str, colorspace: int) -> None:
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 9, 3), np.uint8))
    smooth = np.asarray(coarse.resize((288, 224), Image.Resampling.BICUBIC))
    frame = av.VideoFrame.from_ndarray(smooth, "rgb24").reformat(
        format=pix_fmt, dst_colorspace=colorspace, dst_color_range=LIMITED
    )
    frame.colorspace, frame.color_range = colorspace, LIMITED
    ours = np.asarray(to_rgb(frame, VideoReformatter()), int)
    theirs = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(ours - theirs).mean() < 3
    assert np.abs(ours - smooth).mean() < 3
