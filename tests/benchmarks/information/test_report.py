"""The page says who won, and rows are as long as their headings."""

from __future__ import annotations

from dataclasses import replace

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


def test_clips_without_text_are_told_from_the_others() -> None:
    with_text, without = judged([cell(0.2, 0.1, 800)]), judged([])
    gain = replace(
        without,
        clip="bare.mp4",
        seen={strictness: [cell(0.6, 0.5, 800)] for strictness in Strictness},
    )
    for strictness, section in (
        (Strictness.LENIENT, seen_section([with_text, gain])),
        (Strictness.STRICT, strict_section([with_text, gain])),
    ):
        tables = {table.title: table for table in section.tables}
        for title, one in (("Clips without text", gain), ("Clips with text", with_text)):
            rows = [
                dict(zip(tables[title].columns, row, strict=True)) for row in tables[title].rows
            ]
            ours = next(row for row in rows if row["way"] == OURS)
            cells = one.seen[strictness]
            differences = [cell.scores[OURS] - cell.scores[BEST_UNIFORM] for cell in cells]
            assert ours["cells"] == str(len(cells))
            assert ours["worst"] == f"{min(differences):+.3f}"
            assert ours["lost"] == str(sum(difference < 0 for difference in differences))
            assert {row["way"] for row in rows} == {OURS, BEST_UNIFORM, "uniform 4", CEILING}
        (told,) = (text for text in section.text if "without text" in text)
        assert "clip.mp4. The other 1 are without text. On these: Of 1 cells" in told
        assert "worst +0.100" in told


def test_where_no_clip_has_text_there_is_no_table_of_such() -> None:
    titles = [table.title for table in seen_section([judged([])]).tables]
    assert "Clips without text" in titles
    assert "Clips with text" not in titles


def test_without_text_there_is_no_table() -> None:
    assert text_section([judged([])]).tables == []
