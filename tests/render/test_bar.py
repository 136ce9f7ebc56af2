from __future__ import annotations

import io
import itertools

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from budgetfit.render.bar import Part, TokenBar, bar_widths

counts_of_parts = st.lists(st.integers(0, 5000), min_size=1, max_size=60).filter(any)


@given(counts_of_parts, st.integers(1, 200))
def test_bar_is_full_and_shows_every_part(counts: list[int], width: int) -> None:
    widths = bar_widths(counts, width)
    assert len(widths) == len(counts)
    assert sum(widths) == width
    nonzero = [i for i, count in enumerate(counts) if count]
    assert all(widths[i] == 0 for i in range(len(counts)) if i not in nonzero)
    if len(nonzero) <= width:
        assert all(widths[i] >= 1 for i in nonzero)
    else:
        shown = [counts[i] for i in nonzero if widths[i]]
        hidden = [counts[i] for i in nonzero if not widths[i]]
        assert min(shown) >= max(hidden)


@given(counts_of_parts, st.integers(1, 200))
def test_more_tokens_never_get_less_room(counts: list[int], width: int) -> None:
    widths = bar_widths(counts, width)
    ordered = sorted(zip(counts, widths, strict=True))
    assert all(low[1] <= high[1] + 1 for low, high in itertools.pairwise(ordered))


def test_bar_is_one_line_in_any_encoding() -> None:
    bar = TokenBar([Part(1, "█", "#", "red"), Part(3, "░", ".", "blue")])
    for encoding, expected in (("utf-8", "██░░░░"), ("ascii", "##....")):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        Console(file=stream, width=6).print(bar)
        stream.seek(0)
        assert stream.read() == f"{expected}\n"
