from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.render import words
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from tests.render.plans import SHEETS, make_plan, make_sheet_plan


@given(st.text(st.characters(), max_size=50))
def test_printable_leaves_nothing_that_acts(text: str) -> None:
    shown = words.printable(text)
    acting = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert acting <= {"\u200c", "\u200d"}


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), max_size=50))
def test_printable_keeps_what_people_write(text: str) -> None:
    assert words.printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb", r"a\nb"),
        ("\u202egpj", r"\u202egpj"),
        ("\udcff", r"\udcff"),
        ("\x9b", r"\x9b"),
        ("[red]x[/]", "[red]x[/]"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_printable_examples(text: str, shown: str) -> None:
    assert words.printable(text) == shown


def test_printable_keeps_what_it_is_told_to() -> None:
    assert words.printable("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


@pytest.mark.parametrize(
    ("time_s", "shown"),
    [
        (0, "0.00 s"),
        (-0.001, "0.00 s"),
        (-1.5, "-1.50 s"),
        (59.994, "59.99 s"),
        (59.996, "1:00.00"),
        (119.999, "2:00.00"),
        (3723.25, "62:03.25"),
    ],
)
def test_time(time_s: float, shown: str) -> None:
    assert words.time(time_s) == shown


@given(st.floats(1e-4, 1, exclude_min=True))
def test_the_gap_is_never_understated(gap: float) -> None:
    line = words.proof(make_plan(gap=gap))
    said = float(line.partition("within ")[2].partition("%")[0]) / 100
    assert gap <= said * (1 + 1e-12) <= gap + 1.001e-4


def test_proof_says_what_proved_it() -> None:
    feasible = make_plan(information=0.924, gap=0.006, proved_by="CP-SAT")
    assert words.proof(feasible) == (
        "92.4% of the video, proved within 0.60% of the best possible (CP-SAT)"
    )
    optimal = make_plan(information=1.0, gap=0.0, status="OPTIMAL", proved_by="enumeration")
    assert words.proof(optimal) == "100.0% of the video, proved optimal (enumeration)"


@given(
    st.lists(st.tuples(st.integers(1, 64), st.integers(1, 64)), min_size=1, max_size=30),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_token_parts_add_up(grids: list[tuple[int, int]], text: int, unused: int) -> None:
    plan = make_plan([(16 * w, 16 * h) for w, h in grids], text_tokens=text, unused=unused)
    pictures = sum(f.num_tokens for f in plan.frames)
    parts = words.token_parts(plan)
    assert parts == (3, text, 0, pictures, unused)
    assert sum(parts) == plan.limits.max_prompt_tokens
    labelled = make_plan(
        [(16 * w, 16 * h) for w, h in grids],
        text_tokens=text,
        unused=unused,
        num_tokens=plan.num_tokens + 7,
        time_labels=True,
    )
    assert words.token_parts(labelled) == (3, text, 7, pictures, unused - 7)


def test_shortened() -> None:
    assert words.shortened("abcdef", 6) == "abcdef"
    assert words.shortened("abcdefg", 6) == "abc..."


def test_clip_name() -> None:
    assert words.clip_name(make_plan(path="/a/b\x1b.mp4")) == r"b\x1b.mp4"
    assert words.clip_name(make_plan(path=None)) == "video in memory"


def test_a_sheets_times_lie_as_its_tiles_do() -> None:
    plan = make_sheet_plan([SheetGrid(3, 2, ImageGrid(7, 4)), SheetGrid(2, 8, ImageGrid(7, 4))])
    first, second, alone = plan.pictures
    assert words.times(plan, first) == "0.0 0.5 1.0 s\n1.5 2.0 2.5 s"
    lines = words.times(plan, second).splitlines()
    assert lines[:2] == [" 3.0  3.5 s", " 4.0  4.5 s"]
    assert lines[7] == "10.0 10.5 s"
    assert words.times(plan, alone) == "11.00 s"


def test_moments_and_pictures_in_words() -> None:
    plan = make_sheet_plan(SHEETS)
    assert [words.moments(plan, picture) for picture in plan.pictures] == [
        "3x2 tiles, 0.00 s to 2.50 s",
        "2x2 tiles, 3.00 s to 4.50 s",
        "5.00 s",
    ]
    assert words.pictures(plan) == "3 pictures of 11 moments"
    assert words.pictures(make_plan([(64, 48)])) == "1 picture"
    assert words.pictures(make_plan()) == "2 pictures"


@given(
    st.lists(
        st.builds(
            SheetGrid,
            columns=st.integers(1, 5),
            rows=st.integers(2, 5),
            tile=st.builds(ImageGrid, columns=st.integers(1, 9), rows=st.integers(1, 9)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_token_parts_with_sheets_add_up(sheets: list[SheetGrid]) -> None:
    """Frames of tiles do not say what the ends of a sheet's rows cost."""
    plan = make_sheet_plan(sheets)
    pictures = sum(sheet.grid.rows * (sheet.grid.columns + 1) for sheet in sheets) + 15
    parts = words.token_parts(plan)
    assert parts == (3, 4, 0, pictures, 10)
    assert sum(parts) == plan.limits.max_prompt_tokens
