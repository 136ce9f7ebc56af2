"""The page says who won, and rows are as long as their headings."""

from __future__ import annotations

from benchmarks.information.deep_features import Strictness
from benchmarks.information.leaderboard import BEST_UNIFORM, CEILING, OURS, Judged
from benchmarks.information.report import seen_section, strict_section, text_section
from benchmarks.information.scores import Cell


def cell(ours: float, uniform: float, room: int) -> Cell:
    scores = {OURS: ours, BEST_UNIFORM: uniform, "uniform 4": uniform, CEILING: 0.9}
    return Cell("clip.mp4", room, None, scores, dict.fromkeys(scores, 4), best_bound=0.91)


def judged(read: list[Cell]) -> Judged:
    seen = {
        Strictness.LENIENT: [cell(0.6, 0.5, 800), cell(0.5, 0.7, 1200)],
        Strictness.STRICT: [cell(0.1, 0.1, 800), cell(0.1, 0.1, 1200)],
    }
    return Judged("clip.mp4", seen, read, [0.8, 0.9], 0)


def test_losses_are_told() -> None:
    section = seen_section([judged([])])
    assert "more than the best" in section.text[0]
    assert "in 1, less in 1: mean 0.550 against 0.600, difference -0.050" in section.text[0]
    assert "worst -0.200 (clip.mp4, room 1200, images any)" in section.text[0]
    everything = section.tables[0]
    ours = dict(zip(everything.columns, everything.rows[0], strict=True))
    assert (ours["way"], ours["lost"], ours["headroom"]) == (OURS, "1", "-17%")


def test_rows_fit_their_headings() -> None:
    one = judged([cell(0.2, 0.1, 800)])
    for section in (seen_section([one]), strict_section([one]), text_section([one])):
        for table in section.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)


def test_without_text_there_is_no_table() -> None:
    assert text_section([judged([])]).tables == []
