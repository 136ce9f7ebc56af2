"""The table of sizes agrees with mistral-common, and goes where the README wants it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.profiles import get_profile
from budgetfit.tokens.tokenizer import RequestTokenizer
from cosmos_table import BEGIN, END, FRAME_COUNTS, REPORTED, between_markers, size_table

GOLDEN = Path(__file__).parents[1] / "golden" / "cosmos_frames.tsv"

texts = st.text().filter(lambda text: BEGIN not in text and END not in text)


def test_rows_are_mistral_commons_counts() -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        golden = {
            (f"{row['width']}x{row['height']}", int(row["num_frames"])): int(row["num_tokens"])
            for row in csv.DictReader(file, dialect="excel-tab")
        }
    rows = size_table(RequestTokenizer(get_profile("cosmos-transfer1"))).rows
    counted = {
        (row[0], number): int(count)
        for row in rows
        for number, count in zip(FRAME_COUNTS, row[2].split(" / "), strict=True)
    }
    assert counted == golden
    assert len(rows) == len(REPORTED)


def test_as_many_frames_fit_as_said() -> None:
    for row in size_table(RequestTokenizer(get_profile("cosmos-transfer1"))).rows:
        one, two, *_ = map(int, row[2].split(" / "))
        number, picture = int(row[4]), two - one
        assert one + (number - 1) * picture <= 3796 < one + number * picture


@given(before=texts, old=texts, after=texts, new=texts)
def test_only_what_stands_between_markers_is_replaced(
    before: str, old: str, after: str, new: str
) -> None:
    replaced = between_markers(f"{before}{BEGIN}{old}{END}{after}", new)
    assert replaced == f"{before}{BEGIN}\n{new.strip()}\n{END}{after}"
    assert between_markers(replaced, new) == replaced


@given(texts)
def test_a_text_without_markers_stays(text: str) -> None:
    assert between_markers(text, "new") == text


@pytest.mark.parametrize("text", [BEGIN, END, END + BEGIN, BEGIN + BEGIN + END, BEGIN + END + END])
def test_broken_markers_are_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="once"):
        between_markers(text, "new")
