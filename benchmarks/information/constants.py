"""The constants of the measure that are fitted, and the settings that are tried."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["FIDELITY", "LEGIBILITY", "SIMILARITY", "Group", "Setting", "current", "every", "use"]

Group = tuple[str, "Mapping[str, Sequence[float]]"]
Setting = tuple[float, ...]

SIMILARITY: Group = (
    "similarity",
    {
        "_EXPONENT": (1, 1.5, 2, 2.5, 3),
        "_NOISE": (0.25, 0.5, 1.0, 2.0),
        "_LUMA_SCALE": (0.0, 0.01, 0.02, 0.03),
        "_CELL": (6, 7, 8, 12),
    },
)
FIDELITY: Group = (
    "fidelity",
    {
        "_SPECTRUM_EXPONENT": (0.2, 0.25, 0.3),
        "_LOSS_EXPONENT": (2, 3, 4, 5),
        "_HALF_CYCLES": (100.0, 150.0, 200.0, 300.0, 1e6),
    },
)
LEGIBILITY: Group = (
    "legibility",
    {
        "READABLE_WIDTH": (0.37, 0.39, 0.41, 0.43, 0.45, 0.47, 0.5),
        "STEEPNESS": (6, 8, 12, 16, 24),
    },
)


def every(group: Group) -> list[Setting]:
    """Return every setting of a group's constants."""
    return list(product(*group[1].values()))


def current(group: Group) -> Setting:
    """Return the constants as they are in the code."""
    module = import_module(f"budgetfit.information.{group[0]}")
    return tuple(getattr(module, name) for name in group[1])


@contextmanager
def use(group: Group, setting: Setting) -> Iterator[None]:
    """Let the code use ``setting`` for a while."""
    module, before = import_module(f"budgetfit.information.{group[0]}"), current(group)
    try:
        for name, value in zip(group[1], setting, strict=True):
            setattr(module, name, value)
        yield
    finally:
        for name, value in zip(group[1], before, strict=True):
            setattr(module, name, value)
