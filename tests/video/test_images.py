from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from budgetfit.errors import UsageError, VideoChangedError, VideoError
from budgetfit.video.sources import open_source
from tests.video.clips import numbered_pictures, read_number

PICTURES = numbered_pictures(10)
TIMES = [0.5 * i for i in range(10)]


def as_rgb(picture: Any) -> Any:
    return np.repeat(picture[:, :, None], 3, axis=2)


FORMS: dict[str, list[Any]] = {
    "grey arrays": list(PICTURES),
    "RGB arrays": [as_rgb(p) for p in PICTURES],
    "PIL L": [Image.fromarray(p) for p in PICTURES],
    "PIL RGB": [Image.fromarray(as_rgb(p)) for p in PICTURES],
    "PIL RGBA": [Image.fromarray(p).convert("RGBA") for p in PICTURES],
    "PIL P": [Image.fromarray(p).convert("P") for p in PICTURES],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_picture(form: str) -> None:
    with open_source(FORMS[form], times_s=TIMES) as source:
        candidates = list(source.sample(33))
        images = source.decode([7, 0, 7], [(64, 48), (32, 48), (16, 16)])
    assert [read_number(c.luma) for c in candidates] == list(range(10))
    assert [(c.time_s, c.pts) for c in candidates] == list(zip(TIMES, range(10), strict=True))
    assert [read_number(np.asarray(image)) for image in images] == [7, 0, 7]
    assert [(image.mode, image.size) for image in images] == [
        ("RGB", (64, 48)),
        ("RGB", (32, 48)),
        ("RGB", (16, 16)),
    ]


def test_one_array_and_a_pair_with_times() -> None:
    stack = np.stack(PICTURES)
    ways: list[Any] = [((stack, TIMES), None), (stack, TIMES), ((PICTURES, TIMES), None)]
    for video, times in ways:
        with open_source(video, times_s=times) as source:
            assert source.info.num_frames == 10


def test_info() -> None:
    with open_source(FORMS["PIL L"], times_s=TIMES) as source:
        info = source.info
    assert (info.path, info.width, info.height, info.num_frames) == (None, 64, 48, 10)
    assert (info.duration_s, info.codec, info.pixel_format) == (5.0, "images", "L")


def test_what_is_shown_at_equal_times() -> None:
    times = [0, 1, 2, 3, 4, 5, 6, 7, 8, 92]
    with open_source(PICTURES, times_s=times) as source:
        # The last lasts as long as the one before it: 176 s in steps of 44.
        assert [c.pts for c in source.sample(5)] == [0, 8, 9]
        assert [c.pts for c in source.sample(1)] == [0]


def test_pictures_shown_at_given_times() -> None:
    with open_source(PICTURES, times_s=TIMES) as source:
        assert [c.pts for c in source.at([3.2, 1.0, 1.49])] == [2, 6]
        assert [c.pts for c in source.at([5.0])] == [9]
        for time_s in (-0.1, 5.1, float("nan")):
            with pytest.raises(UsageError, match=f"{time_s} s is outside .* lasts 5 s; give"):
                source.at([1.0, time_s])
    with open_source(PICTURES[:2], times_s=[7.0, 9.0]) as source:
        assert [c.pts for c in source.at([8.9])] == [0]
        with pytest.raises(UsageError, match="give a time from 7 to 11 s"):
            source.at([3.0])


def test_a_part_has_the_pictures_shown_in_it() -> None:
    with open_source(PICTURES, times_s=TIMES) as source:
        assert [c.pts for c in source.sample(33, start_s=1.0, end_s=2.2)] == [2, 3, 4]
        assert [c.pts for c in source.sample(2, start_s=1.2, end_s=4.4)] == [2, 8]
        assert [c.pts for c in source.sample(3, start_s=3.0)] == [6, 8, 9]
        assert [c.pts for c in source.sample(3, end_s=1.0)] == [0, 1, 2]
        with pytest.raises(UsageError, match="start_s 2 is not before end_s 2"):
            source.sample(3, start_s=2, end_s=2)
        with pytest.raises(UsageError, match="6 s is outside"):
            source.sample(3, end_s=6)


def test_the_fingerprint_tells_pixels_and_times_but_not_forms() -> None:
    def fingerprint(images: Any, times: Any) -> str:
        with open_source(images, times_s=times) as source:
            return source.info.fingerprint

    same = {fingerprint(FORMS[form], TIMES) for form in ("grey arrays", "RGB arrays", "PIL RGB")}
    other = {fingerprint(PICTURES, [t + 1 for t in TIMES]), fingerprint(PICTURES[::-1], TIMES)}
    assert len(same) == 1
    assert len(same | other) == 3


def test_transparency_is_put_on_white() -> None:
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    with open_source([clear], times_s=[0]) as source:
        (image,) = source.decode([0], [(16, 16)])
    assert image.getpixel((3, 3)) == (255, 255, 255)


def test_exif_orientation_is_applied() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the picture is stored turned; a viewer turns it clockwise
    Image.fromarray(np.rot90(PICTURES[5])).save(buffer, "PNG", exif=exif)
    with open_source([Image.open(buffer)], times_s=[0]) as source:
        (candidate,) = source.sample(1)
    assert read_number(candidate.luma) == 5


def test_large_pictures_are_reduced_for_analysis_only() -> None:
    with open_source([np.zeros((100, 5000), np.uint8)], times_s=[0]) as source:
        (candidate,) = source.sample(1)
        (image,) = source.decode([0], [(5000, 100)])
    assert candidate.luma.shape == (34, 1667)
    assert image.size == (5000, 100)


def test_resampling_is_lanczos() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    with open_source([rgb], times_s=[0]) as source:
        (image,) = source.decode([0], [(33, 17)])
    assert (
        image.tobytes() == Image.fromarray(rgb).resize((33, 17), Image.Resampling.LANCZOS).tobytes()
    )


@pytest.mark.parametrize(
    ("video", "times", "message"),
    [
        ([], [], "empty"),
        (PICTURES, None, "needs times_s"),
        (PICTURES, TIMES[:-1], "10 images and 9 times_s"),
        (PICTURES[:2], [1.0, 1.0], "must ascend"),
        (PICTURES[:2], [0.0, float("nan")], r"times_s\[1\] is nan"),
        ([PICTURES[0], PICTURES[0].T], [0, 1], "48x64 and the first is 64x48"),
        ([PICTURES[0].astype(float)], [0], "float64 of shape"),
        ([np.zeros((4, 4, 2), np.uint8)], [0], r"shape \(4, 4, 2\)"),
        ([Image.new("I;16", (4, 4))], [0], "mode I;16"),
        (["a.png"], [0], "image 0 is a str"),
        (3, None, "cannot be read from a int"),
    ],
)
def test_misuse(video: Any, times: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_source(video, times_s=times)


def test_indices_that_are_not_there_and_a_closed_source() -> None:
    source = open_source(PICTURES, times_s=TIMES)
    for wrong in (-1, 10):
        with pytest.raises(VideoChangedError, match=f"no picture {wrong}"):
            source.decode([wrong], [(8, 8)])
    with pytest.raises(UsageError, match="1 timestamps and 0 sizes"):
        source.decode([0], [])
    with pytest.raises(UsageError, match="num_candidates is 0"):
        source.sample(0)
    source.close()
    with pytest.raises(VideoError, match="was closed"):
        source.decode([0], [(8, 8)])
    with pytest.raises(VideoError, match="was closed"):
        list(source.sample(3))


def test_progress_is_told() -> None:
    calls: list[tuple[int, int]] = []
    with open_source(PICTURES, times_s=TIMES) as source:
        list(source.sample(3, on_progress=lambda *call: calls.append(call)))
        source.decode([1], [(8, 8)], on_progress=lambda *call: calls.append(call))
    assert calls == [(1, 3), (2, 3), (3, 3), (1, 1)]
