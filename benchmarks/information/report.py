"""What the judges said, as paragraphs and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.information.choices import CLOSELY
from benchmarks.information.deep_features import Strictness
from benchmarks.information.leaderboard import BEST_UNIFORM, CEILING, HINDSIGHT, OURS
from benchmarks.information.rules.uniform import COUNTS
from benchmarks.information.scores import headroom_closed, standing
from benchmarks.reports import Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.information.leaderboard import Judged
    from benchmarks.information.scores import Cell

__all__ = ["seen_section", "strict_section", "text_section"]

_STRICT = (
    "The same judge without the average over cells of 64 pixels: what moves by a thirtieth of the "
    "picture is lost to it. How much a movement is worth is a judgement, so both are shown."
)

_WITHOUT_TEXT = "Clips without text"
_WITH_TEXT = "Clips with text"

_K_CENTRE = f"k-centre{HINDSIGHT}"
_MAX_VOLUME = f"max volume{HINDSIGHT}"
_RULES = ("shots", "qwen-vl-utils", "first two", "first two, 320x180")
_RIVALS = (_K_CENTRE, _MAX_VOLUME, *_RULES)
_WAYS = (OURS, CLOSELY, BEST_UNIFORM, *(f"uniform {count}" for count in COUNTS), *_RIVALS)
_COLUMNS = (OURS, BEST_UNIFORM, *_RIVALS)


def seen_section(judged: Sequence[Judged]) -> Section:
    """Return what deep features say."""
    cells = [cell for one in judged for cell in one.seen[Strictness.LENIENT]]
    by_clip = [(one.clip, one.seen[Strictness.LENIENT]) for one in judged]
    each = [
        _every_cell(clip, seen, one.information)
        for (clip, seen), one in zip(by_clip, judged, strict=True)
    ]
    tables = [
        _all_cells(cells, (*_WAYS, CEILING)),
        *_by_text(judged, Strictness.LENIENT),
        _by_clip(by_clip, with_ceiling=True),
        *each,
    ]
    text = [_summary(cells), _summary_without_text(judged, Strictness.LENIENT), _bound(cells)]
    return Section("Deep features", text, tables)


def strict_section(judged: Sequence[Judged]) -> Section:
    """Return what deep features say to which every movement is a loss."""
    cells = [cell for one in judged for cell in one.seen[Strictness.STRICT]]
    by_clip = [(one.clip, one.seen[Strictness.STRICT]) for one in judged]
    tables = [
        _all_cells(cells, (*_WAYS, CEILING)),
        *_by_text(judged, Strictness.STRICT),
        _by_clip(by_clip, with_ceiling=True),
    ]
    without = _summary_without_text(judged, Strictness.STRICT)
    text = [_STRICT, _summary(cells), without, _bound(cells)]
    return Section("Deep features, strict", text, tables)


def _with_words(judged: Sequence[Judged], *, has_words: bool) -> list[Judged]:
    """Return the clips with words on at least half of their moments, or the others."""
    return [one for one in judged if bool(one.read) == has_words]


def _by_text(judged: Sequence[Judged], strictness: Strictness) -> list[Table]:
    """Return one table of the clips without text, and one of those with text."""
    tables = []
    for title, has_words in ((_WITHOUT_TEXT, False), (_WITH_TEXT, True)):
        chosen = _with_words(judged, has_words=has_words)
        cells = [cell for one in chosen for cell in one.seen[strictness]]
        if cells:
            tables.append(_all_cells(cells, (*_WAYS, CEILING), title))
    return tables


def _summary_without_text(judged: Sequence[Judged], strictness: Strictness) -> str:
    """Return which clips are without text, and how plans stand on them."""
    without, with_text = (_with_words(judged, has_words=has) for has in (False, True))
    cells = [cell for one in without for cell in one.seen[strictness]]
    names = ", ".join(one.clip for one in with_text) or "none"
    return (
        "Clips with text are those in which the text reader finds five words or more on at least "
        f"half of the moments: {names}. The other {len(without)} are without text. On these: "
        f"{_summary(cells)}"
    )


def _bound(cells: Sequence[Cell]) -> str:
    gaps = [(cell.best_bound or 0.0) - cell.scores[CEILING] for cell in cells]
    return (
        "The ceiling is what our solver finds when it maximizes the judge's own scores over 33 "
        "frames from all of the clip at every second level and all pictures that any way sends; "
        f"its proved bound is at most {max(gaps):.3f} higher."
    )


def text_section(judged: Sequence[Judged]) -> Section:
    """Return what can be read, on the clips that have text."""
    with_text = [one for one in judged if one.read]
    cells = [cell for one in with_text for cell in one.read]
    if not cells:
        return Section("Text", ["None of these clips has text on most moments."], [])
    each = [_every_cell(f"{one.clip}, text", one.read, None) for one in with_text]
    by_clip = _by_clip([(one.clip, one.read) for one in with_text], with_ceiling=False)
    return Section("Text", [_summary(cells)], [_all_cells(cells, _WAYS), by_clip, *each])


def _summary(cells: Sequence[Cell]) -> str:
    """Return how plans stand beside the best uniform plans, in a sentence or two."""
    ours = standing(cells, OURS, BEST_UNIFORM)
    if ours is None:
        return "There is nothing to compare."
    worst = min(cells, key=lambda cell: cell.scores[OURS] - cell.scores[BEST_UNIFORM])
    won = sum(cell.scores[OURS] > cell.scores[BEST_UNIFORM] for cell in cells)
    return (
        f"Of {ours.num_cells} cells, budgetfit scores more than the best of the uniform plans "
        f"chosen in hindsight by the judge in {won}, less in {ours.num_lost}: mean {ours.mean:.3f} "
        f"against {ours.mean - ours.difference:.3f}, difference {ours.difference:+.3f}, worst "
        f"{ours.worst:+.3f} ({worst.clip}, {_limits(worst)}), best {ours.best:+.3f}."
    )


def _all_cells(cells: Sequence[Cell], ways: Sequence[str], title: str = "All cells") -> Table:
    """Return one row per way of choosing."""
    rows = []
    for way in ways:
        found = standing(cells, way, BEST_UNIFORM)
        if found is None:
            continue
        rows.append(
            [
                way,
                str(found.num_cells),
                f"{found.mean:.3f}",
                f"{found.difference:+.3f}",
                f"{found.worst:+.3f}",
                f"{found.best:+.3f}",
                str(found.num_lost),
                _closed([cell for cell in cells if way in cell.scores], way),
            ]
        )
    columns = ("way", "cells", "mean", "to best uniform", "worst", "best", "lost", "headroom")
    return Table(title, columns, rows)


def _by_clip(clips: Sequence[tuple[str, Sequence[Cell]]], *, with_ceiling: bool) -> Table:
    """Return one row per clip: mean scores over its cells, and the differences."""
    columns = ["clip", "to best uniform", "worst", *_COLUMNS]
    if with_ceiling:
        columns += [CEILING, "headroom"]
    rows = []
    for clip, cells in clips:
        ours = standing(cells, OURS, BEST_UNIFORM)
        if ours is None:
            continue
        row = [clip, f"{ours.difference:+.3f}", f"{ours.worst:+.3f}"]
        row += [_mean(cells, way) for way in _COLUMNS]
        if with_ceiling:
            row += [_mean(cells, CEILING), _closed(cells, OURS)]
        rows.append(row)
    return Table("By clip", columns, rows)


def _every_cell(title: str, cells: Sequence[Cell], information: Sequence[float] | None) -> Table:
    """Return one row per limits; ``information`` is what the plans' own measure says."""
    ways = [*_COLUMNS[1:], CEILING] if information else list(_COLUMNS[1:])
    columns = ["room", "images", OURS, "pictures", *(["own measure"] if information else []), *ways]
    rows = []
    for index, cell in enumerate(cells):
        row = [str(cell.max_prompt_tokens), _images(cell), f"{cell.scores[OURS]:.3f}"]
        row.append(str(cell.num_images[OURS]))
        if information:
            row.append(f"{information[index]:.3f}")
        rows.append(row + [_with_number(cell, way) for way in ways])
    return Table(title, columns, rows)


def _with_number(cell: Cell, way: str) -> str:
    """Return a score and, where the judge chose the number of pictures, that number."""
    if way not in cell.scores:
        return "-"
    number = f" ({cell.num_images[way]})" if way.endswith(HINDSIGHT) or way == CEILING else ""
    return f"{cell.scores[way]:.3f}{number}"


def _mean(cells: Sequence[Cell], way: str) -> str:
    """Return a mean score; marked where the way does not fit in every cell."""
    scores = [cell.scores[way] for cell in cells if way in cell.scores]
    if not scores:
        return "-"
    return f"{sum(scores) / len(scores):.3f}{'' if len(scores) == len(cells) else '*'}"


def _closed(cells: Sequence[Cell], way: str) -> str:
    """Return the share of the headroom that a way closes, where a ceiling was sought."""
    if way == BEST_UNIFORM or any(CEILING not in cell.scores for cell in cells):
        return "-"
    closed = headroom_closed(cells, way, BEST_UNIFORM, CEILING)
    return "-" if closed is None else f"{closed:.0%}"


def _limits(cell: Cell) -> str:
    return f"room {cell.max_prompt_tokens}, images {_images(cell)}"


def _images(cell: Cell) -> str:
    return "any" if cell.max_images is None else f"up to {cell.max_images}"
