"""Fidelity tells fine detail from coarse, and falls as a picture shrinks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.information.fidelity import fidelity, spectrum

Luma = npt.NDArray[np.uint8]
RNG = np.random.default_rng(11)
SCALES = [(s, s) for s in (0.1, 0.2, 0.35, 0.5, 0.7, 1.0)]


def wave(period: float, rows: int = 256, columns: int = 384) -> Luma:
    """A diagonal wave of ``period`` pixels along each axis."""
    y, x = np.mgrid[:rows, :columns]
    phase = 2 * np.pi / period
    return np.asarray(128 + 100 * np.sin(phase * x) * np.sin(phase * y), np.uint8)


def noise(rows: int = 256, columns: int = 384) -> Luma:
    return RNG.integers(0, 256, (rows, columns), dtype=np.uint8)


def curve(luma: Luma) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = fidelity([spectrum(luma)], SCALES)[0]
    return found


def test_a_coarse_wave_survives_shrinking_and_a_fine_one_does_not() -> None:
    coarse, fine = curve(wave(64)), curve(wave(4))
    # Period 4 is at half of Nyquist: lost below scale 0.5, there above it.
    assert fine[2] < 0.2
    assert fine[4] > 0.9
    assert coarse[1] > 0.7


def test_white_noise_keeps_the_share_of_its_coefficients() -> None:
    """In a small frame, all of whose detail counts: every coefficient alike."""
    kept = spectrum(noise(64, 64)).kept_share(np.array([0.5, 0.25]), np.array([0.5, 0.25]))
    assert kept == pytest.approx([0.25, 0.0625], abs=0.03)


def test_detail_beyond_what_tells_scenes_apart_counts_little() -> None:
    """Of noise as fine as 3072 pixels, 768 keep more than their sixteenth of the coefficients."""
    quarter = np.array([0.25])
    assert spectrum(noise(2048, 3072)).kept_share(quarter, quarter)[0] > 0.25


def test_scales_of_the_two_axes_are_told_apart() -> None:
    y, x = np.mgrid[:256, :256]
    upright = np.asarray(128 + 100 * np.sin(2 * np.pi * x / 4) + 0 * y, np.uint8)
    found = spectrum(upright)
    narrow = found.kept_share(np.array([0.3]), np.array([1.0]))[0]
    low = found.kept_share(np.array([1.0]), np.array([0.3]))[0]
    assert low > narrow


def test_a_blank_frame_loses_nothing() -> None:
    blank = np.full((90, 160), 16, np.uint8)
    assert curve(blank) == pytest.approx(np.ones(len(SCALES)))


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.floats(0.01, 2.0), st.floats(0.01, 2.0)), min_size=1, max_size=6),
)
def test_shares_stay_within_bounds(
    rows: int, columns: int, seed: int, scales: list[tuple[float, float]]
) -> None:
    luma = np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
    found = fidelity([spectrum(luma), spectrum(luma // 2)], [*sorted(scales), (2.0, 2.0)])
    assert found.shape == (2, len(scales) + 1)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found, axis=1) >= 0).all()
    assert found[:, -1] == pytest.approx(1.0)


def test_a_spectrum_does_not_depend_on_brightness_or_contrast() -> None:
    luma = noise()
    assert curve(luma // 2 + 50) == pytest.approx(curve(luma // 2), abs=1e-6)
    assert curve(luma // 4) == pytest.approx(curve(luma), abs=0.02)


def test_frames_that_several_threads_look_at_do_not_mix() -> None:
    rng = np.random.default_rng(0)
    shapes = [(96, 160), (300, 500), (300, 500), (720, 1280)] * 12
    frames = [rng.integers(0, 256, shape, np.uint8) for shape in shapes]
    alone = [spectrum(frame).detail for frame in frames]
    with ThreadPoolExecutor(4) as threads:
        assert [seen.detail for seen in threads.map(spectrum, frames)] == alone
