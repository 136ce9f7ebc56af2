"""What sheets of tiles gain where a request may have two images.

``python -m benchmarks.montage`` plans every clip as Cosmos-Transfer1's upsampler would send it, at
most two images and 3796 prompt tokens, without and with sheets, and writes
docs/measured/montage.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

import budgetfit
from budgetfit.errors import VideoError

if TYPE_CHECKING:
    from pathlib import Path

    from budgetfit.plans import Plan

__all__ = ["gain_row", "images_in_words"]

_PROFILE = "cosmos-transfer1"


def main() -> None:
    """Plan every clip three times and write the table."""
    rows = [row for name, path in benchmark_clips().items() if (row := gain_row(name, path))]
    table = Table(
        "Information, by the planner's own measure",
        (
            "clip",
            "two pictures",
            "with sheets",
            "gain",
            "as many pictures as fit",
            "images sent with sheets",
            "proved within",
            "solve, s",
        ),
        rows,
    )
    text = (
        'At most two images and 3796 prompt tokens (`profile="cosmos-transfer1"`), the default '
        "prompt. Printed by `make bench-montage`.",
        "The measure knows how much of a moment is lost in a small tile. It does not know how well "
        "a model reads sheets: see [montage](../montage.md).",
        setting(),
    )
    publish(MEASURED / "montage.md", "What sheets gain", text, [table])


def gain_row(name: str, path: Path) -> tuple[str, ...] | None:
    """Return the row of one clip; None where the clip cannot be planned."""
    try:
        pictures = budgetfit.plan(path, profile=_PROFILE)
    except VideoError as error:
        print(f"{name}: {error}")
        return None
    sheets = budgetfit.plan(path, profile=_PROFILE, montage=True)
    unlimited = budgetfit.plan(path, profile="pixtral-12b")
    return (
        name,
        f"{pictures.information:.3f}",
        f"{sheets.information:.3f}",
        f"{sheets.information - pictures.information:+.3f}",
        f"{unlimited.information:.3f}",
        images_in_words(sheets),
        f"{sheets.gap:.2%}",
        f"{sheets.timings_s['solve']:.2f}",
    )


def images_in_words(plan: Plan) -> str:
    """Return such as ``"3 x 8 of 302x110, 1 of 1024x576"``."""
    words = []
    for picture in plan.pictures:
        if isinstance(picture, budgetfit.PlannedSheet):
            tile = plan.frames[picture.frames[0]]
            words.append(f"{picture.columns} x {picture.rows} of {tile.width}x{tile.height}")
        else:
            words.append(f"1 of {picture.width}x{picture.height}")
    return ", ".join(words)


if __name__ == "__main__":
    main()
