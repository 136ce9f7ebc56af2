"""Settings are tried in the code itself, and undone."""

from __future__ import annotations

import pytest
from benchmarks.information.constants import (
    FIDELITY,
    LEGIBILITY,
    SIMILARITY,
    Group,
    current,
    every,
    use,
)


@pytest.mark.parametrize("group", [SIMILARITY, FIDELITY, LEGIBILITY], ids=lambda group: group[0])
def test_what_is_committed_is_among_the_settings(group: Group) -> None:
    assert current(group) in every(group)
    assert len(set(every(group))) == len(every(group))


def test_a_setting_is_used_for_a_while() -> None:
    before = current(LEGIBILITY)
    with use(LEGIBILITY, (0.9, 3)):
        assert current(LEGIBILITY) == (0.9, 3)
    assert current(LEGIBILITY) == before
