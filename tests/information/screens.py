"""Pictures whose content is plain to a person: pages of text, scenes, texture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Luma", "leaves", "noise", "page", "scene", "slats"]

Luma = npt.NDArray[np.uint8]

_WORDS = (
    *("merge", "branch", "update", "report", "value", "window", "commit", "search", "problem"),
    *("candidate", "pixel", "border", "frame", "server", "budget", "error", "reading", "message"),
    *("between", "picture", "project", "history", "context", "number"),
)


def page(
    seed: int,
    *,
    height: int = 720,
    width: int = 1280,
    font_size: int = 22,
    num_lines: int | None = None,
    dark: bool = False,
) -> Luma:
    """A page of words in lines, from the top; ``num_lines`` of them, or as many as fit."""
    rng = np.random.default_rng(seed)
    paper, ink = (24, 220) if dark else (245, 20)
    picture = Image.new("L", (width, height), paper)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=font_size)
    pitch = round(1.5 * font_size)
    fitting = (height - pitch) // pitch
    for line in range(fitting if num_lines is None else num_lines):
        words = " ".join(rng.choice(_WORDS, size=round(1.1 * width / font_size / 6)))
        draw.text((font_size, pitch // 2 + line * pitch), words, fill=ink, font=font)
    return np.asarray(picture)


def scene(seed: int, *, height: int = 720, width: int = 1280, moved: int = 0) -> Luma:
    """Soft boxes of any grey, with edges and grain; ``moved`` pixels to the right."""
    rng = np.random.default_rng(seed)
    luma = np.full((height, width), rng.integers(60, 180), np.float64)
    for _ in range(40):
        top, left = rng.integers(0, height), rng.integers(0, width)
        down, across = rng.integers(20, height // 3), rng.integers(20, width // 3)
        luma[top : top + down, left : left + across] = rng.integers(256)
    luma += rng.normal(0, 3, luma.shape)
    return np.asarray(np.roll(luma, moved, axis=1).clip(0, 255), np.uint8)


def noise(seed: int, *, height: int = 720, width: int = 1280) -> Luma:
    """White noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def leaves(seed: int, *, height: int = 720, width: int = 1280) -> Luma:
    """Many small shapes of any grey over each other, as in foliage."""
    rng = np.random.default_rng(seed)
    picture = Image.new("L", (width, height), 90)
    draw = ImageDraw.Draw(picture)
    for _ in range(6000):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        across, down = (int(side) for side in rng.integers(4, 24, 2))
        draw.ellipse((x, y, x + across, y + down), fill=int(rng.integers(20, 200)))
    return np.asarray(picture)


def slats(slope: float, *, height: int = 720, width: int = 1280, period: int = 14) -> Luma:
    """Dark and light stripes at an angle of ``slope`` radians."""
    y, x = np.mgrid[:height, :width]
    wave = np.sin(2 * np.pi / period * (y * np.cos(slope) + x * np.sin(slope)))
    return np.where(wave > 0, 220, 30).astype(np.uint8)
