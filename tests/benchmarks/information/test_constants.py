"""Settings are tried in the code itself, and undone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
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

from budgetfit.information.fidelity import fidelity, spectrum
from budgetfit.information.similarity import descriptor, similarity, thumbnail


@pytest.mark.parametrize("group", [SIMILARITY, FIDELITY, LEGIBILITY], ids=lambda group: group[0])
def test_what_is_committed_is_among_the_settings(group: Group) -> None:
    assert current(group) in every(group)
    assert len(set(every(group))) == len(every(group))


def test_a_setting_is_used_for_a_while() -> None:
    before = current(LEGIBILITY)
    with use(LEGIBILITY, (0.9, 3)):
        assert current(LEGIBILITY) == (0.9, 3)
    assert current(LEGIBILITY) == before


def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(5)
    common = np.kron(random.integers(60, 190, (9, 16)), np.ones((12, 12)))
    ripple = 30 * np.sin(np.arange(192) / 2)
    own = [np.kron(random.integers(-40, 40, (9, 16)), np.ones((12, 12))) for _ in range(3)]
    return [np.clip(common + ripple + block, 0, 255).astype(np.uint8) for block in own]


def similarities() -> np.ndarray:
    return similarity(np.stack([descriptor(thumbnail(luma, (54, 96))) for luma in pictures()]))


def fidelities() -> np.ndarray:
    spectra = [spectrum(luma) for luma in pictures()]
    return fidelity(spectra, [(0.2, 0.2), (0.5, 0.5)])


@pytest.mark.parametrize(
    ("group", "measured"), [(SIMILARITY, similarities), (FIDELITY, fidelities)], ids=["s", "f"]
)
def test_every_constant_changes_what_is_measured(
    group: Group, measured: Callable[[], np.ndarray]
) -> None:
    """Whatever was computed with other constants before is forgotten."""
    committed, before = current(group), measured()
    for position, (name, values) in enumerate(group[1].items()):
        for value in values:
            if value == committed[position]:
                continue
            changed = (*committed[:position], value, *committed[position + 1 :])
            with use(group, changed):
                assert not np.allclose(measured(), before, rtol=1e-9, atol=0), (name, value)
    assert np.array_equal(measured(), before)
