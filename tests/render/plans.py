"""Plans with chosen numbers, and pictures that can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from budgetfit.plans import Limits, Plan, PlannedFrame, PlannedPrompt, PlannedSheet, PlannedVideo
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid

NUM_TEMPLATE_TOKENS = 3


def frame(number: int, width: int, height: int) -> PlannedFrame:
    cost = height // 16 * (width // 16 + 1)
    return PlannedFrame(number * 0.5, number * 1000, width, height, cost)


def make_plan(
    sizes: Sequence[tuple[int, int]] = ((64, 48), (32, 32)),
    *,
    text: str = "what is this",
    text_tokens: int = 4,
    path: str | None = "folder/clip.mp4",
    unused: int = 10,
    **changes: Any,
) -> Plan:
    """A plan of pictures of these sizes, with ``unused`` tokens of its room left."""
    frames = tuple(frame(number, *size) for number, size in enumerate(sizes))
    used = NUM_TEMPLATE_TOKENS + text_tokens + sum(f.num_tokens for f in frames)
    room = used + unused
    fields: dict[str, Any] = {
        "profile": "pixtral-12b",
        "video": PlannedVideo(path, 640, 480, 12.5, "sha256:0"),
        "limits": Limits(room + 300, 300, room, None),
        "frames": frames,
        "prompt": PlannedPrompt(text, text_tokens, text_tokens),
        "system_prompt": None,
        "num_tokens": used,
        "information": 0.9,
        "best_bound": 0.91,
        "gap": 0.010989,
        "status": "FEASIBLE",
        "proved_by": "lagrangian bound",
        "warnings": (),
        "timings_s": {"import": 0.0, "analyze": 0.0, "solve": 0.0, "total": 0.0},
    }
    return Plan(**(fields | changes))


def make_sheet_plan(sheets: Sequence[SheetGrid], **changes: Any) -> Plan:
    """A plan of these sheets, one after another, and a picture of 64x48 after the last."""
    frames: list[PlannedFrame] = []
    planned = []
    for sheet in sheets:
        numbers = range(len(frames), len(frames) + sheet.num_tiles)
        planned.append(PlannedSheet.of(numbers, sheet, 16))
        cost = sheet.cell.columns * sheet.cell.rows
        frames += (
            PlannedFrame(number * 0.5, number * 1000, *sheet.tile_size(16), cost)
            for number in numbers
        )
    frames.append(frame(len(frames), 64, 48))
    used = NUM_TEMPLATE_TOKENS + 4 + 15 + sum(sheet.num_tokens for sheet in sheets)
    fields: dict[str, Any] = {
        "frames": tuple(frames),
        "sheets": tuple(planned),
        "num_tokens": used,
        "limits": Limits(used + 310, 300, used + 10, None),
    }
    return make_plan(**(fields | changes))


SHEETS = (SheetGrid(3, 2, ImageGrid(7, 4)), SheetGrid(2, 2, ImageGrid(10, 6)))


def noise(width: int, height: int, seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def plain(width: int, height: int, seed: int) -> Image.Image:
    """One colour, another for each seed below 400, and none that a sheet uses itself."""
    return Image.new("RGB", (width, height), (255, seed % 20 * 12, seed // 20 * 12))
