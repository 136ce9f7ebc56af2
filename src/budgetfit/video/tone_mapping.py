"""HDR to SDR: PQ and HLG signals in BT.2020 as sRGB pictures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Transfer", "luma_table", "tone_map"]

Transfer = Literal["pq", "hlg"]

# Luminance in cd/m2 that becomes SDR white: ITU-R BT.2408's reference white.
REFERENCE_WHITE = 203.0
# Luminance in cd/m2 that the curve takes to full white. PQ masters are mostly graded for 1000, and
# BT.2100 defines HLG for a display of 1000.
PEAK = 1000.0
# Up to here, relative to reference white, the curve changes nothing.
KNEE = 0.75

_ROWS_AT_A_TIME = 64
_CODES = 65536

# ITU-R BT.2087: linear BT.2020 to linear BT.709.
_BT2020_TO_BT709 = np.array(
    [
        [1.6605, -0.5876, -0.0728],
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ],
    np.float32,
)
_BT2020_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)


def tone_map(rgb: npt.NDArray[np.uint16], transfer: Transfer) -> npt.NDArray[np.uint8]:
    """Map an HDR picture to sRGB.

    Light is decoded, moved from BT.2020 to BT.709 primaries, and compressed: with x the largest of
    a pixel's three components relative to reference white, k the knee and p the peak, x stays as
    it is up to k; above, with t = (x - k) / (1 - k) and q = (p - k) / (1 - k), it becomes
    k + (1 - k) * t * (1 + t / q**2) / (1 + t), Reinhard's extended curve, which continues the
    straight part with the same slope and reaches 1 at p. The other two components keep their
    ratio to the largest, so hues stay.

    Parameters
    ----------
    rgb : numpy.ndarray
        (rows, columns, 3) uint16, full range, BT.2020 primaries.
    transfer : {"pq", "hlg"}
        SMPTE ST 2084, or hybrid log-gamma.

    Returns
    -------
    numpy.ndarray
        (rows, columns, 3) uint8 sRGB.
    """
    out = np.empty(rgb.shape, np.uint8)
    # A few rows at a time stay in the processor's cache, and planes of one component each are
    # what NumPy is fast on.
    for start in range(0, len(rgb), _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        light = _displayed_light(np.moveaxis(rgb[rows], 2, 0), transfer)
        light = [np.maximum(_mix(light, weights), np.float32(0)) for weights in _BT2020_TO_BT709]
        largest = np.maximum(np.maximum(light[0], light[1]), light[2])
        scale = _compress(largest) / np.maximum(largest, np.float32(1e-9))
        scale *= np.float32(_CODES - 1)
        for component, plane in enumerate(light):
            codes = np.minimum(plane * scale + np.float32(0.5), np.float32(_CODES - 1))
            out[rows, :, component] = np.take(_srgb_table(), codes.astype(np.uint16))
    return out


@cache
def luma_table(transfer: Transfer) -> npt.NDArray[np.uint8]:
    """Return (65536,) uint8: what :func:`tone_map` makes of each grey code of full-range 16 bit."""
    grey = np.arange(_CODES, dtype=np.uint16).reshape(256, 256, 1).repeat(3, axis=2)
    return tone_map(grey, transfer)[:, :, 0].reshape(_CODES)


def _displayed_light(
    rgb: npt.NDArray[np.uint16], transfer: Transfer
) -> list[npt.NDArray[np.float32]]:
    """Decode (3, rows, columns) codes to light on the display, relative to reference white."""
    light = [np.take(_linear_table(transfer), plane) for plane in rgb]
    if transfer == "pq":
        return light
    # BT.2100's optical-optical transfer of HLG: system gamma 1.2 on the scene's luminance.
    gain = _mix(light, _BT2020_LUMA) ** np.float32(0.2) * np.float32(PEAK / REFERENCE_WHITE)
    return [plane * gain for plane in light]


def _mix(
    planes: list[npt.NDArray[np.float32]], weights: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Sum three planes, weighted."""
    red, green, blue = planes
    mixed: npt.NDArray[np.float32] = red * weights[0] + green * weights[1] + blue * weights[2]
    return mixed


def _compress(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The tone curve described in :func:`tone_map`."""
    knee = np.float32(KNEE)
    rest = np.float32(1 - KNEE)
    t = (x - knee) / rest
    q = np.float32((PEAK / REFERENCE_WHITE - KNEE) / (1 - KNEE))
    t = np.maximum(t, np.float32(0))
    return np.where(x <= knee, x, knee + rest * t * (1 + t / q**2) / (1 + t))


@cache
def _linear_table(transfer: Transfer) -> npt.NDArray[np.float32]:
    """Light of each 16-bit code: PQ relative to reference white, HLG the scene's in [0, 1]."""
    signal = np.arange(_CODES) / (_CODES - 1)
    if transfer == "pq":
        # SMPTE ST 2084's EOTF.
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        root = signal ** (1 / m2)
        light = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
        return (light / REFERENCE_WHITE).astype(np.float32)
    # ITU-R BT.2100's inverse OETF of HLG.
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return light.astype(np.float32)


@cache
def _srgb_table() -> npt.NDArray[np.uint8]:
    """8-bit sRGB code (IEC 61966-2-1) of light in [0, 1], by 16-bit steps of light."""
    light = np.arange(_CODES) / (_CODES - 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)
