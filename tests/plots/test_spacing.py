from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.plots.spacing import spread

things = st.lists(st.tuples(st.floats(-5, 25), st.floats(0.01, 3)), min_size=1, max_size=12).map(
    lambda pairs: sorted(pairs, key=lambda pair: pair[0])
)


@given(things)
def test_things_keep_apart_and_inside(pairs: list[tuple[float, float]]) -> None:
    wanted, widths = (list(part) for part in zip(*pairs, strict=True))
    centres = spread(wanted, widths, 0.0, 20.0)
    factor = min(1.0, 20.0 / sum(widths))
    widths = [width * factor for width in widths]
    for (a, wide), (b, narrow) in itertools.pairwise(zip(centres, widths, strict=True)):
        assert b - a >= (wide + narrow) / 2 - 1e-9
    assert centres[0] - widths[0] / 2 >= -1e-9
    assert centres[-1] + widths[-1] / 2 <= 20 + 1e-9


@given(things)
def test_what_has_room_stays_where_it_wants(pairs: list[tuple[float, float]]) -> None:
    widths = [width for _, width in pairs]
    wanted = list(itertools.accumulate(widths, lambda at, width: at + width + 3, initial=3.0))[:-1]
    assert spread(wanted, widths, -100, 200) == pytest.approx(wanted)


@given(things, st.lists(st.floats(-1, 1), min_size=12, max_size=12))
def test_nothing_else_is_nearer(pairs: list[tuple[float, float]], moves: list[float]) -> None:
    wanted, widths = (list(part) for part in zip(*pairs, strict=True))
    centres = spread(wanted, widths, -100, 100)

    def distance(places: list[float]) -> float:
        return float(sum((place - want) ** 2 for place, want in zip(places, wanted, strict=True)))

    # Any other places that are apart: each thing pushed away from what is left of it.
    others: list[float] = []
    for index, (centre, move) in enumerate(zip(centres, moves, strict=False)):
        least = others[-1] + (widths[index - 1] + widths[index]) / 2 if others else -1e9
        others.append(max(centre + move, least))
    assert distance(centres) <= distance(others) + 1e-6


def test_nothing_has_no_place() -> None:
    assert spread([], [], 0, 1) == []
