"""How much a run measures."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.solve.growth import Sizes

__all__ = ["QUICK", "WHOLE", "Extent"]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    num_candidates : tuple of int
        Frames looked at for proofs and for the other ways.
    every : int
        One of so many clips is taken for them.
    sample_size : int
        Instances that are solved in other ways too.
    sizes : Sizes
        How far growth is followed.
    """

    num_candidates: tuple[int, ...]
    every: int
    sample_size: int
    sizes: Sizes


_ROOMS = (1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000)

WHOLE = Extent((64, 128), 1, 16, Sizes((32, 64, 128, 256, 512), _ROOMS, 128))
"""About 15 minutes on 2 cores."""

QUICK = Extent((64,), 2, 6, Sizes((32, 64, 128), _ROOMS[::3], 64))
"""About 4 minutes."""
