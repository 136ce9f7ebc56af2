from __future__ import annotations

import io
import itertools

import av
import numpy as np
import pytest
from PIL import Image
from PIL.Image import Transpose

from budgetfit.video.rotation import orientation_of, swaps_sides, upright_image, upright_luma
from tests.video.clips import clip_bytes

ALL = [None, *Transpose]


@pytest.mark.parametrize("orientation", ALL)
def test_luma_turns_as_pictures_do(orientation: Transpose | None) -> None:
    luma = np.arange(15, dtype=np.uint8).reshape(3, 5)
    picture = upright_image(Image.fromarray(luma), orientation)
    turned = upright_luma(luma, orientation)
    assert turned.tolist() == np.asarray(picture).tolist()
    assert not np.shares_memory(turned, luma)
    assert turned.flags.c_contiguous
    assert swaps_sides(orientation) == (picture.size != (5, 3))


def first_frame(**options: object) -> av.VideoFrame:
    with av.open(io.BytesIO(clip_bytes(1, **options)), "r") as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("degrees", "hflip", "vflip"),
    list(itertools.product([0, 90, 180, 270], [False, True], [False, True])),
)
def test_the_matrix_is_read_as_the_muxer_means_it(degrees: int, hflip: bool, vflip: bool) -> None:
    orientation = orientation_of(first_frame(rotation=degrees, hflip=hflip, vflip=vflip))
    stored = np.arange(6).reshape(2, 3)
    # The muxer's flips act on the picture after it is turned.
    expected = np.rot90(stored, degrees // 90)
    expected = expected[:, ::-1] if hflip else expected
    expected = expected[::-1] if vflip else expected
    assert upright_luma(stored.astype(np.uint8), orientation).tolist() == expected.tolist()


@pytest.mark.parametrize(("degrees", "expected"), [(3, None), (88, Transpose.ROTATE_90)])
def test_other_angles_are_the_nearest_right_angle(
    degrees: float, expected: Transpose | None
) -> None:
    assert orientation_of(first_frame(rotation=degrees)) is expected


def test_no_matrix() -> None:
    assert orientation_of(av.VideoFrame(16, 16, "yuv420p")) is None
