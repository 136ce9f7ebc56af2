"""A shift is where the rows of ink of two frames agree best, found with Fourier transforms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetfit.information.scrolling import band_spectrum, shifts

BLOCK_ROWS, COLUMNS = 6, 40

Ink = npt.NDArray[np.uint16]


def inks(seed: int, number: int) -> list[Ink]:
    random = np.random.default_rng(seed)
    shape = (number, BLOCK_ROWS, 16, COLUMNS)
    return list(random.integers(0, 2**16, shape, np.uint16) * (random.random(shape) < 0.1))


def scrolled(ink: Ink, shift: int) -> Ink:
    """Move ink down, and leave nothing where it came from."""
    rows = ink.reshape(-1, COLUMNS)
    moved = np.zeros_like(rows)
    begin, end = max(shift, 0), len(rows) + min(shift, 0)
    moved[begin:end] = rows[begin - shift : end - shift]
    return moved.reshape(ink.shape)


def slow_spectrum(ink: Ink) -> npt.NDArray[np.complex128]:
    """Sum the ink of each band row by row, and transform with a matrix; not whitened."""
    counts = np.bitwise_count(ink).reshape(-1, COLUMNS).astype(float)
    edges = [int(COLUMNS * band / 32) for band in range(33)]
    bands = [counts[:, low:high].sum(axis=1) for low, high in pairwise(edges)]
    rows = len(counts)
    angle = -2j * np.pi * np.outer(np.arange(rows), np.arange(rows + 1)) / (2 * rows)
    return np.array([(band - band.mean()) @ np.exp(angle) for band in bands])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_spectrum_is_that_of_ink_per_row(seed: int) -> None:
    (ink,) = inks(seed, 1)
    found, expected = band_spectrum(ink), slow_spectrum(ink)
    # Whitening blows up what is nothing but rounding.
    strength = np.abs(expected)
    is_there = strength > 0.1
    assert is_there.mean() > 0.9
    assert np.abs(found[is_there] - expected[is_there] / strength[is_there]).max() < 1e-4


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(-40, 40))
def test_what_was_scrolled_is_found_where_it_went(seed: int, shift: int) -> None:
    ink, other = inks(seed, 2)
    spectra = [band_spectrum(one) for one in (ink, scrolled(ink, shift), other)]
    found = shifts(spectra[0], spectra[1:])
    assert found.tolist() == [shift if abs(shift) >= 3 else 0, 0]
    assert shifts(spectra[1], spectra[:1]).tolist() == [-found[0]]
