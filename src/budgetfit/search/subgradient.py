"""Steps towards the prices with the smallest bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from budgetfit.search.deadline import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetfit.search.deadline import Deadline

__all__ = ["Subgradient"]

_FloatArray = npt.NDArray[np.float64]


class Subgradient:
    """Deflected subgradient steps of Polyak's length (Polyak, 1969; Camerini et al., 1975).

    Parameters
    ----------
    start : (n,) array
        Prices to start from.
    patience : int
        Steps without a smaller bound after which steps go out from the best prices, half as long.
    least : (n,) float array, optional
        What each price is at least; 0 by default.
    scale : (n,) float array, optional
        How far each price moves in proportion; 1 by default.

    Attributes
    ----------
    best : (n,) float array
        The prices of the smallest bound so far.
    value : float
        That bound.
    """

    _DEFLECTION = 0.5

    def __init__(
        self,
        start: npt.NDArray[Any],
        patience: int,
        *,
        least: _FloatArray | None = None,
        scale: _FloatArray | None = None,
    ) -> None:
        self.best: _FloatArray = start.astype(np.float64)
        self.value = np.inf
        self._least = np.zeros(len(start)) if least is None else least
        self._scale = np.ones(len(start)) if scale is None else scale
        self._patience = patience
        self._length = 1.0
        self._prices: _FloatArray = self.best
        self._direction: _FloatArray = np.zeros_like(self.best)
        self._stalled = 0

    def forget_value(self) -> None:
        """Go on with another function: of the best prices only the place is worth keeping."""
        self.value = np.inf
        self._restart_from_best()

    def run(
        self,
        at: Callable[[_FloatArray], tuple[float, npt.NDArray[Any]]],
        num_steps: int,
        target: float,
        stop_at: float,
        deadline: Deadline = NEVER,
    ) -> None:
        """Take steps aimed at ``target`` until the bound is at most ``stop_at``.

        ``at`` returns the bound at given prices and a subgradient of it there.
        """
        for _ in range(num_steps):
            if deadline.passed():
                return
            value, subgradient = at(self._prices)
            self._stalled = 0 if value < self.value * (1 - 1e-7) else self._stalled + 1
            if value < self.value:
                self.value, self.best = value, self._prices
            if self.value <= stop_at:
                return
            if self._stalled >= self._patience:
                self._length *= 0.5
                self._restart_from_best()
                continue
            self._direction = subgradient * self._scale + self._DEFLECTION * self._direction
            norm = float(self._direction @ self._direction)
            if norm == 0.0:
                return
            length = self._length * (value - target) / norm
            self._prices = np.maximum(
                self._prices - length * self._scale * self._direction, self._least
            )

    def _restart_from_best(self) -> None:
        self._prices = self.best
        self._stalled = 0
        self._direction = np.zeros_like(self.best)
