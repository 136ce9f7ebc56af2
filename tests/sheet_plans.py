"""Plans with sheets of frames of real clips, chosen by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from budgetfit.plans import Limits, Plan, PlannedFrame, PlannedPrompt, PlannedSheet, PlannedVideo
from budgetfit.profiles import get_profile
from budgetfit.time_labels import time_label
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS, RequestTokenizer
from budgetfit.video.sources import open_source

SIDE = 16
TOKENIZER = RequestTokenizer(get_profile("pixtral-12b"))


def sheet_plan(
    clip: Path,
    pictures: Sequence[SheetGrid | ImageGrid],
    *,
    text: str = "what is this",
    time_labels: bool = False,
    max_tokens: int = 2,
    seed: int | None = None,
    **changes: Any,
) -> Plan:
    """A plan of these pictures; frames go to them in turn, or as ``seed`` says."""
    owners = [number for number, grid in enumerate(pictures) for _ in range(_num_tiles(grid))]
    if seed is not None:
        random.Random(seed).shuffle(owners)
    with open_source(str(clip)) as source:
        info = source.info
        seen = [(frame.time_s, frame.pts) for frame in source.sample(len(owners))]
    assert len(seen) == len(owners), "the clip has too few frames"
    frames = tuple(
        PlannedFrame(*moment, *_size_and_cost(pictures[owner]))
        for moment, owner in zip(seen, owners, strict=True)
    )
    sheets = [
        PlannedSheet.of([i for i, owner in enumerate(owners) if owner == number], grid, SIDE)
        for number, grid in enumerate(pictures)
        if isinstance(grid, SheetGrid)
    ]
    alone = [f for f, owner in zip(frames, owners, strict=True) if _num_tiles(pictures[owner]) == 1]
    labels = [TOKENIZER.count_text(time_label(frame.time_s)) for frame in alone]
    num_text_tokens = TOKENIZER.count_text(text) if text else 0
    fields: dict[str, Any] = {
        "profile": "pixtral-12b",
        "video": PlannedVideo(
            str(clip), info.width, info.height, info.duration_s, info.fingerprint
        ),
        "limits": Limits(4096, max_tokens, 4096 - max_tokens, len(pictures)),
        "frames": frames,
        "prompt": PlannedPrompt(text, num_text_tokens, num_text_tokens),
        "system_prompt": None,
        "num_tokens": NUM_TEMPLATE_TOKENS
        + num_text_tokens
        + sum(labels) * time_labels
        + sum(grid.num_tokens for grid in pictures),
        "information": 0.9,
        "best_bound": 0.91,
        "gap": 0.010989,
        "status": "FEASIBLE",
        "proved_by": "lagrangian bound",
        "warnings": (),
        "timings_s": {"import": 0.0, "analyze": 0.0, "solve": 0.0, "total": 0.0},
        "time_labels": time_labels,
        "sheets": tuple(sorted(sheets, key=lambda sheet: sheet.frames[0])),
    }
    return Plan(**(fields | changes))


def _num_tiles(grid: SheetGrid | ImageGrid) -> int:
    return grid.num_tiles if isinstance(grid, SheetGrid) else 1


def _size_and_cost(grid: SheetGrid | ImageGrid) -> tuple[int, int, int]:
    if isinstance(grid, SheetGrid):
        return *grid.tile_size(SIDE), grid.cell.columns * grid.cell.rows
    return grid.columns * SIDE, grid.rows * SIDE, grid.num_tokens
