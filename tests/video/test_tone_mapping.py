from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.video import tone_mapping
from budgetfit.video.tone_mapping import Transfer, luma_table, tone_map


def pq_code(nits: float) -> int:
    """Encode by SMPTE ST 2084's inverse EOTF, as the standard writes it."""
    y = (nits / 10_000) ** 0.1593017578125
    return int(65535 * ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375 + 0.5)


def hlg_code(scene: float) -> int:
    """Encode by BT.2100's OETF of hybrid log-gamma."""
    if scene <= 1 / 12:
        return int(65535 * (3 * scene) ** 0.5 + 0.5)
    return int(65535 * (0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073) + 0.5)


def srgb(light: float) -> int:
    return round(
        255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)
    )


def grey(code: int, transfer: Transfer) -> int:
    picture = np.full((1, 1, 3), code, np.uint16)
    red, green, blue = (int(v) for v in tone_map(picture, transfer)[0, 0])
    assert max(red, green, blue) - min(red, green, blue) <= 1
    return green


@pytest.mark.parametrize("nits", [0, 0.5, 5, 20, 80, 150])
def test_pq_below_the_knee_keeps_its_light(nits: float) -> None:
    assert grey(pq_code(nits), "pq") == pytest.approx(srgb(nits / 203), abs=1)


@pytest.mark.parametrize("nits", [1, 30, 150])
def test_hlg_below_the_knee_keeps_its_light(nits: float) -> None:
    # A 1000 cd/m2 display shows grey scene light E at 1000 * E ** 1.2.
    assert grey(hlg_code((nits / 1000) ** (1 / 1.2)), "hlg") == pytest.approx(
        srgb(nits / 203), abs=1
    )


def test_the_peak_is_white_and_so_is_what_exceeds_it() -> None:
    assert grey(pq_code(1000), "pq") == 255
    assert grey(pq_code(10_000), "pq") == 255
    assert grey(65535, "hlg") == 255
    assert 200 < grey(pq_code(203), "pq") < 255


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_greys_rise_without_steps_at_the_knee(transfer: Transfer) -> None:
    table = luma_table(transfer).astype(int)
    assert (np.diff(table) >= 0).all()
    assert np.diff(table).max() <= 1
    assert (table[0], table[-1]) == (0, 255)


@given(st.lists(st.integers(0, 65535), min_size=3, max_size=3), st.sampled_from(["pq", "hlg"]))
def test_one_pixel_is_mapped_as_a_picture_of_it(rgb: list[int], transfer: Transfer) -> None:
    one = tone_map(np.array(rgb, np.uint16).reshape(1, 1, 3), transfer)
    rows = 2 * tone_mapping._ROWS_AT_A_TIME + 1
    many = tone_map(np.tile(np.array(rgb, np.uint16), (rows, 2, 1)), transfer)
    assert (many == one).all()


def test_hues_stay_when_light_is_compressed() -> None:
    # BT.709 orange at 900 cd/m2, brought to BT.2020 by BT.2087's forward matrix.
    to_bt2020 = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    orange = np.array([900.0, 300.0, 50.0])
    codes = np.array([pq_code(nits) for nits in to_bt2020 @ orange], np.uint16)
    mapped = tone_map(codes.reshape(1, 1, 3), "pq")[0, 0] / 255
    light = np.where(mapped <= 0.04045, mapped / 12.92, ((mapped + 0.055) / 1.055) ** 2.4)
    assert light / light[0] == pytest.approx(orange / orange[0], abs=0.02)
